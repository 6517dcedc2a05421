// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Causes Of(const std::vector<uint64_t>& causes) {
  Causes all;
  WorldEvent event;
  for (const uint64_t cause : causes) {
    event.id = {event.id.value + 1};
    event.cause = {cause};
    all.Happened(event);
  }
  return all;
}

TEST(Causes, WalksBackToWhereNothingCausedIt) {
  const Causes causes = Of({0, 1, 1, 2, 4, 3});
  EXPECT_THAT(causes.Chain({5}, 10), ElementsAre(EventId{5}, EventId{4}, EventId{2}, EventId{1}));
  EXPECT_THAT(causes.Chain({6}, 10), ElementsAre(EventId{6}, EventId{3}, EventId{1}));
  EXPECT_EQ(causes.Depth({5}), 4u);
}

TEST(Causes, EndsAtTheDepthThatIsAskedFor) {
  EXPECT_THAT(Of({0, 1, 2, 3}).Chain({4}, 2), ElementsAre(EventId{4}, EventId{3}));
}

TEST(Causes, HaveNothingForAnEventThatWasNot) {
  EXPECT_THAT(Of({0, 1}).Chain({3}, 10), IsEmpty());
  EXPECT_THAT(Of({0, 1}).Chain({0}, 10), IsEmpty());
}

}  // namespace
}  // namespace quorate::sim
