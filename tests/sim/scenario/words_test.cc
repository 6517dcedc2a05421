// SPDX-License-Identifier: Apache-2.0
// What scenarios draw of faults is said in words without loss.
#include "sim/fault/words.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/fault/parse_words.h"
#include "sim/fault/phrase.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

// It takes as long as fifty of the others.
constexpr std::string_view kLarge = "kv-1000";
constexpr uint64_t kSeeds = 60;

TEST(Words, OfWhatScenariosDrawReadBackAsTheSame) {
  std::set<const Phrase*> met;
  for (const Scenario& scenario : AllScenarios()) {
    for (uint64_t seed = 1; seed <= (scenario.name == kLarge ? 2 : kSeeds); ++seed) {
      const auto world = World::Create(MakeConfig(scenario, seed, {}), {});
      ASSERT_TRUE(world.ok()) << MessageOf(world.status());
      const Schedule& schedule = (*world)->schedule();
      const absl::StatusOr<Schedule> read = ParseSchedule(Words(schedule), schedule.nodes);
      ASSERT_TRUE(read.ok()) << scenario.name << " " << seed << ": " << MessageOf(read.status());
      ASSERT_EQ(*read, schedule) << scenario.name << " " << seed;
      for (const Fault& fault : schedule.faults) met.insert(&PhraseOf(fault));
    }
  }
  // All but those that only `exhaust` and people write: of one message, before one effect.
  EXPECT_GE(met.size() + 5, AllPhrases().size());
}

}  // namespace
}  // namespace quorate::sim
