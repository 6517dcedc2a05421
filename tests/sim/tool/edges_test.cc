// SPDX-License-Identifier: Apache-2.0
// Edges by event, with counters that the test moves itself, and where two processes part.
#include <gtest/gtest.h>

#include <array>

#include "sim/tool/edge_watcher.h"
#include "sim/tool/edges_command.h"
#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

constexpr size_t kEdges = 19;  // no multiple of eight
constexpr uintptr_t kBase = 0x1000;

class Program {
 public:
  Program() {
    for (size_t i = 0; i < kEdges; ++i) places_[i].address = kBase + 16 * i;
  }
  void Take(size_t edge) { ++counts_[edge]; }
  [[nodiscard]] EdgeCounters counters() { return {counts_, places_, kBase}; }

 private:
  std::array<uint8_t, kEdges> counts_{};
  std::array<EdgePlace, kEdges> places_{};
};

WorldEvent Event(uint64_t id) {
  WorldEvent event;
  event.id = EventId{id};
  return event;
}

// Events 1 to 3, each with edges of its own; of the second those that the caller names.
std::string LinesWhere(const std::vector<size_t>& of_second, EdgesTaken* taken = nullptr) {
  Program program;
  program.Take(3);
  EdgeWatcher watcher(program.counters(), EventId{2});
  FakeWorld world;
  watcher.RunBegan(world);
  program.Take(0);
  watcher.Happened(Event(1));
  program.Take(9);
  watcher.Happened(Event(2));
  for (const size_t edge : of_second) program.Take(edge);
  watcher.Happened(Event(3));
  program.Take(18);
  watcher.RunEnded(world, 0);
  if (taken != nullptr) *taken = watcher.taken();
  return watcher.lines();
}

TEST(EdgeWatcher, HasALineForTheBeginningAndForEachEvent) {
  const std::string lines = LinesWhere({4});
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4);
  EXPECT_EQ(lines, LinesWhere({4}));
}

TEST(EdgeWatcher, AnotherEdgeIsAnotherLineOfThatEventAlone) {
  const std::string lines = LinesWhere({4, 17});
  EXPECT_EQ(FirstOtherLine(lines, LinesWhere({4, 17})), std::nullopt);
  EXPECT_EQ(FirstOtherLine(lines, LinesWhere({4, 16})), 2);
  EXPECT_EQ(FirstOtherLine(lines, LinesWhere({4, 18})), 2);  // behind the last eight
  EXPECT_EQ(FirstOtherLine(lines, LinesWhere({4, 17, 17})), 2);
  EXPECT_EQ(FirstOtherLine(lines, LinesWhere({})), 2);
  const std::string other = LinesWhere({});
  const size_t third = lines.find('\n', lines.find('\n', lines.find('\n') + 1) + 1);
  EXPECT_EQ(lines.substr(third), other.substr(third));
}

TEST(EdgeWatcher, KeepsWhatTheChosenEventTook) {
  EdgesTaken taken;
  LinesWhere({4, 17, 4}, &taken);
  EXPECT_EQ(taken, (EdgesTaken{{4 * 16, 2}, {17 * 16, 1}}));
}

TEST(EdgeWatcher, WhatCameBeforeTheRunIsNotOfIt) {
  Program program;
  EdgeWatcher watcher(program.counters(), EventId{});
  program.Take(3);
  watcher.RunBegan(FakeWorld());
  program.Take(5);
  watcher.Happened(Event(1));
  EXPECT_EQ(watcher.taken(), (EdgesTaken{{5 * 16, 1}}));
}

TEST(FirstOtherLine, CountsLinesFromZeroAndSeesAMissingEnd) {
  EXPECT_EQ(FirstOtherLine("a\nb\n", "a\nb\n"), std::nullopt);
  EXPECT_EQ(FirstOtherLine("a\nb\n", "c\nb\n"), 0);
  EXPECT_EQ(FirstOtherLine("a\nb\n", "a\n"), 1);
  EXPECT_EQ(FirstOtherLine("", "a\n"), 0);
}

TEST(OtherEdges, AreThoseOfOneListAndThoseOfAnotherCount) {
  const std::vector<OtherEdge> others = OtherEdges("01 1\n02 7\n04 2\n", "01 1\n02 8\n03 5\n");
  EXPECT_EQ(others, (std::vector<OtherEdge>{{"02", "7", "8"}, {"03", "0", "5"}, {"04", "2", "0"}}));
}

}  // namespace
}  // namespace quorate::sim
