// SPDX-License-Identifier: Apache-2.0
#include "engine/base/footprint.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace quorate {
namespace {

struct Machine {
  uint64_t asked = 0;
  uint64_t told = 0;
  uint64_t scratch = 0;
  uint64_t due = 0;
};

TEST(Footprint, HoldsWhatIsFromOneMemberToAnother) {
  const Machine machine;
  Footprint footprint;
  footprint.Add(machine.asked, machine.told);
  footprint.Add(machine.due);
  footprint.Add(machine, machine.told);
  ASSERT_EQ(footprint.parts().size(), 3u);
  const auto* begin = reinterpret_cast<const std::byte*>(&machine);
  EXPECT_EQ(footprint.parts()[0].data(), begin);
  EXPECT_EQ(footprint.parts()[0].size(), 2 * sizeof(uint64_t));
  EXPECT_EQ(footprint.parts()[1].data(), begin + 3 * sizeof(uint64_t));
  EXPECT_EQ(footprint.parts()[1].size(), sizeof(uint64_t));
  EXPECT_EQ(footprint.parts()[2].data(), begin);
  EXPECT_EQ(footprint.parts()[2].size(), 2 * sizeof(uint64_t));
}

TEST(FootprintDeathTest, MembersAreNamedInTheirOrder) {
  const Machine machine;
  Footprint footprint;
  EXPECT_DEATH(footprint.Add(machine.due, machine.asked), "invariant broken");
}

}  // namespace
}  // namespace quorate
