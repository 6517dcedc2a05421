// SPDX-License-Identifier: Apache-2.0
// Which pairs of faults a run has, and that both of a pair do something in it.
#include "sim/tool/fault_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "sim/fault/words.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/pair_search.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/world/make_topology.h"

namespace quorate::sim {
namespace {

constexpr Duration kShort = 200ms;

struct Subject {
  explicit Subject(std::string_view scenario, Duration duration = kShort, uint64_t seed = 1)
      : config(MakeConfig(*FindScenario(scenario), seed, {{}, duration, {}})),
        ids(MakeNodeIds(config)),
        atlas(MakeAtlas(config, *MakeTopology(config, ids), ids)),
        recipe(RecipeOf(config, {config.nodes, {}})) {
    SingleFaults plain(recipe.duration);
    EXPECT_NE(RunWithFaults(recipe, {}, &plain), Verdict::kFailed);
    firsts = FirstFaults(plain, seed);
    singles = plain.All();
  }
  [[nodiscard]] std::vector<Fault> After(const Fault& first, uint64_t seed = 1) const {
    SingleFaults changed(recipe.duration, &first);
    EXPECT_EQ(RunWithFaults(recipe, {first}, &changed), Verdict::kHeld)
        << Words(first, recipe.nodes);
    return SecondFaults(first, changed, atlas, seed);
  }
  [[nodiscard]] std::vector<std::vector<Fault>> Pairs() const {
    std::vector<std::vector<Fault>> pairs;
    for (const Fault& first : firsts) {
      for (const Fault& second : After(first)) pairs.push_back({first, second});
    }
    return pairs;
  }

  [[nodiscard]] const Fault& earliest() const {
    return *std::min_element(firsts.begin(), firsts.end(),
                             [](const Fault& a, const Fault& b) { return a.from < b.from; });
  }

  WorldConfig config;
  std::vector<NodeId> ids;
  FaultAtlas atlas;
  RunRecipe recipe;
  std::vector<Fault> singles;
  std::vector<Fault> firsts;
};

std::string Said(const std::vector<Fault>& faults, uint32_t nodes) {
  std::string text;
  for (const Fault& fault : faults) text += Words(fault, nodes) + '\n';
  return text;
}

TEST(FaultPairs, FirstsAreAllSinglesAndThoseThatLastShorter) {
  const Subject subject("kv-3");
  std::set<std::string> expected;
  for (const Fault& single : subject.singles) {
    expected.insert(Words(single, 3));
    Fault shorter = single;
    if (EndsProcess(single.kind)) shorter.until = single.from + kShortLengths.down;
    if (single.kind == FaultKind::kDelay) shorter.amount = kShortLengths.late_by;
    if (shorter != single) expected.insert(Words(shorter, 3));
  }
  std::set<std::string> found;
  for (Fault first : subject.firsts) {
    EXPECT_LE(first.id, kIdsOfPairs);
    first.id = 1;
    EXPECT_TRUE(found.insert(Words(first, 3)).second);
  }
  EXPECT_EQ(found, expected);
  std::set<std::tuple<FaultKind, Duration, Duration>> begun;
  for (size_t i = 0; i < 8; ++i) {
    const Fault& first = subject.firsts[i];
    begun.emplace(first.kind, first.until - first.from, first.amount);
  }
  EXPECT_EQ(begun.size(), 8u) << "each kind and length in turn";
}

TEST(FaultPairs, TheSecondIsOfTheChangedRunAndComesAfterTheFirst) {
  const Subject subject("kv-3", 200ms);
  size_t again = 0;
  for (size_t i = 0; i < 24; ++i) {
    const Fault& first = subject.firsts[i];
    for (const Fault& second : subject.After(first)) {
      const std::string words = Said({first, second}, 3);
      EXPECT_GE(second.from, first.from) << words;
      EXPECT_TRUE(Validate(Schedule{3, {first, second}}).ok()) << words;
      const bool messages = !EndsProcess(first.kind) && !EndsProcess(second.kind);
      EXPECT_FALSE(messages && first.from == second.from && first.nodes == second.nodes &&
                   first.only == second.only)
          << words;
      if (KindsOf(first, second).ends_with("-again")) {
        EXPECT_GE(second.from, first.until) << words;
        ++again;
      } else if (EndsProcess(first.kind) && EndsProcess(second.kind)) {
        // Of three replicas two must not be down together.
        EXPECT_GE(second.from, first.until) << words;
      }
    }
  }
  EXPECT_GT(again, 0u);
}

TEST(FaultPairs, NoneComesTwiceNorTheOtherWayRound) {
  const Subject subject("kv-3", 120ms);
  std::set<std::string> met;
  for (const std::vector<Fault>& pair : subject.Pairs()) {
    std::vector<std::string> words = {Words(pair[0], 3), Words(pair[1], 3)};
    std::sort(words.begin(), words.end());
    EXPECT_TRUE(met.insert(words[0] + '\n' + words[1]).second) << words[0] << '\n' << words[1];
  }
  EXPECT_GT(met.size(), 100u);
}

TEST(FaultPairs, HalfOfASampleIsCloseAndEachKindHasItsShare) {
  const Subject subject("kv-3", 500ms);
  std::map<std::string, size_t> kinds;
  size_t close = 0;
  size_t pairs = 0;
  for (size_t i = 0; i < 40; ++i) {
    const Fault& first = subject.firsts[i];
    std::vector<Fault> seconds = subject.After(first);
    if (seconds.size() > kPairsPerListing) seconds.resize(kPairsPerListing);
    for (const Fault& second : seconds) {
      ++kinds[KindsOf(first, second)];
      // A few round trips.
      const SimTime over = EndsProcess(first.kind) ? first.until : first.from + first.amount;
      const bool behind = second.from >= over && second.from - over < 60ms;
      if (behind || second.from - first.from < 60ms) ++close;
      ++pairs;
    }
  }
  EXPECT_GT(close * 10, pairs * 4) << close << " of " << pairs;
  EXPECT_LT(close * 10, pairs * 8) << close << " of " << pairs;
  EXPECT_EQ(kinds.size(), 29u) << "five kinds twice, and of two of them the same node again";
  for (const auto& [kind, count] : kinds) EXPECT_GT(count * 200, pairs) << kind;
}

TEST(FaultPairs, AreDrawnBySeed) {
  const Subject subject("kv-3");
  const Subject same("kv-3");
  EXPECT_EQ(subject.firsts, same.firsts);
  const Fault& first = subject.earliest();
  EXPECT_EQ(subject.After(first), same.After(first));
  ASSERT_FALSE(subject.After(first).empty());
  EXPECT_NE(subject.After(first, 1), subject.After(first, 2));
}

// A pair of which one meets nothing says no more than the other alone.
TEST(FaultPairs, BothDoSomething) {
  for (const char* scenario : {"kv-3", "kv-sole", "kv-hot"}) {
    const Subject subject(scenario, 100ms, 4);
    size_t idle = 0;
    size_t held = 0;
    for (size_t i = 0; i < std::min<size_t>(subject.firsts.size(), 30); ++i) {
      std::vector<Fault> seconds = subject.After(subject.firsts[i]);
      if (seconds.size() > kPairsPerListing) seconds.resize(kPairsPerListing);
      for (const Fault& second : seconds) {
        const std::vector<Fault> pair = {subject.firsts[i], second};
        const Verdict verdict = RunWithFaults(subject.recipe, pair, nullptr);
        const std::string words = Said(pair, subject.recipe.nodes);
        EXPECT_NE(verdict, Verdict::kFailed) << scenario << '\n' << words;
        ++(verdict == Verdict::kIdle ? idle : held);
        if (verdict == Verdict::kIdle) std::printf("idle: %s", words.c_str());
      }
    }
    EXPECT_GT(held, 100u) << scenario;
    EXPECT_LE(idle * 50, held) << scenario;
  }
}

// What a node that died had sent is all there is of its write. It came behind the sweep, which
// would have spread it.
TEST(FaultPairs, TheSweepWaitsForAMessageThatIsLate) {
  const Subject subject("kv-3", 500ms);
  const auto both = std::find_if(subject.firsts.begin(), subject.firsts.end(), [](const Fault& f) {
    return f.kind == FaultKind::kCrash && f.from == SimTime{460'054} && f.only == 2 &&
           f.until - f.from == 500ms;
  });
  ASSERT_NE(both, subject.firsts.end());
  Fault late;
  late.id = kIdsOfPairs + 1;
  late.kind = FaultKind::kDelay;
  late.from = both->from;
  late.until = late.from + Duration(1);
  late.nodes = both->nodes;
  late.only = 1;
  late.amount = 700ms;
  EXPECT_EQ(RunWithFaults(subject.recipe, {*both, late}, nullptr), Verdict::kHeld);
}

TEST(PairSearch, RunsEachPairOnceWhereThereAreFew) {
  const Subject subject("kv-sole", 60ms, 5);
  const size_t total = subject.Pairs().size();
  ASSERT_GT(total, kPairsPerListing);
  ASSERT_LT(total, 5000u);
  for (const size_t wanted : {size_t{1'000'000}, total - 1, size_t{25}}) {
    Verdicts verdicts(2, std::numeric_limits<double>::max());
    PairSearch search(subject.recipe, subject.atlas, verdicts);
    ASSERT_TRUE(search.Run(subject.firsts, wanted).ok());
    EXPECT_TRUE(search.found().empty());
    EXPECT_FALSE(search.stopped());
    EXPECT_EQ(search.every(), wanted > total) << wanted;
    EXPECT_EQ(verdicts.judged(), std::min(wanted, total));
  }
}

TEST(PairSearch, StopsWhenTheTimeIsUp) {
  const Subject subject("kv-sole", 30ms, 4);
  Verdicts verdicts(2, /*until=*/0.0);
  PairSearch search(subject.recipe, subject.atlas, verdicts);
  ASSERT_TRUE(search.Run(subject.firsts, 100).ok());
  EXPECT_TRUE(search.stopped());
  EXPECT_FALSE(search.every());
  EXPECT_EQ(verdicts.judged(), 0u);
}

TEST(PairSearch, WhatIsListedComesBackInItsOrder) {
  const Subject subject("kv-3");
  Listed listed{true, true, subject.After(subject.earliest())};
  for (size_t i = 0; i < listed.seconds.size(); ++i) listed.seconds[i].id = i + 1;
  ASSERT_FALSE(std::is_sorted(listed.seconds.begin(), listed.seconds.end(),
                              [](const Fault& a, const Fault& b) { return a.from < b.from; }));
  const Bytes bytes = EncodeListed(listed, 3);
  const absl::StatusOr<Listed> back = DecodeListed(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, listed);
  for (size_t size = 0; size < 8; ++size) {
    EXPECT_FALSE(DecodeListed(std::string_view(bytes).substr(0, size)).ok());
  }
}

}  // namespace
}  // namespace quorate::sim
