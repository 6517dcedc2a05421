// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/bounded_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/keyspace/cell.h"

namespace quorate::sim {
namespace {

using keyspace::CellKind;
using keyspace::CellWriter;
using keyspace::ObjectType;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Version At(uint64_t time, uint32_t life = 1) {
  return {HybridTime::FromBits(time), {NodeId{1}, Incarnation{life}, ShardIndex{0}}};
}

struct Bounds {
  uint64_t lives = 0;
  bool sole_owner = false;
};

// Says what is wrong with a state that is packed by hand.
class BoundedMetadata : public testing::Test {
 protected:
  std::string Excess(Bounds bounds = {.lives = 2}) {
    const auto lives = [&] { return bounds.lives; };
    const auto failure = CheckMetadata(3, "k", state, {lives, bounds.sole_owner}, EventId{9});
    if (!failure.has_value()) return "none";
    EXPECT_EQ(failure->kind, FailureKind::kLeak);
    EXPECT_EQ(failure->event, EventId{9});
    EXPECT_THAT(failure->promised, HasSubstr("key \"k\""));
    EXPECT_THAT(failure->seen, StartsWith("node 3 keeps "));
    return failure->seen;
  }

  void Slot(uint64_t base, uint32_t life, uint64_t time = 50) {
    writer.Put({CellKind::kSlot, false, At(time, life), keyspace::PackWriter(At(0, life).writer),
                keyspace::PackSlotValue({At(base), 1})});
  }
  void FieldSlot(std::string_view field, uint64_t base, uint32_t life) {
    writer.Put({CellKind::kFieldSlot, false, At(50, life),
                keyspace::FieldSlotName(field, At(0, life).writer),
                keyspace::PackSlotValue({At(base), 1})});
  }

  Bytes state;
  CellWriter writer{state};
};

TEST_F(BoundedMetadata, AcceptsWhatSetLeaves) {
  writer.String(At(10), "v");
  writer.Deadline(At(10), 99);
  EXPECT_EQ(Excess(), "none");
  EXPECT_EQ(Excess({.lives = 1, .sole_owner = true}), "none");
}

TEST_F(BoundedMetadata, AcceptsANumberThatEachLifeHasCounted) {
  writer.Tombstone(At(9));
  writer.Type(At(10), ObjectType::kString);
  writer.Value(At(10), "0");
  Slot(10, 1);
  Slot(10, 2);
  EXPECT_EQ(Excess(), "none");
}

TEST_F(BoundedMetadata, RefusesMoreSlotsThanThereWereLives) {
  writer.Value(At(10), "0");
  for (const uint32_t life : {1u, 2u, 3u}) Slot(10, life);
  EXPECT_THAT(Excess(),
              HasSubstr("a number of 3 slots, more than its replicas have had lives (2)"));
  EXPECT_EQ(Excess({.lives = 3}), "none");
}

TEST_F(BoundedMetadata, CountsSlotsOfEachFieldByItself) {
  writer.Type(At(5), ObjectType::kHash);
  writer.Field(At(10), "a", "1");
  writer.Field(At(10), "b", "1");
  for (const std::string_view field : {"a", "b"}) {
    for (const uint32_t life : {1u, 2u}) FieldSlot(field, 10, life);
  }
  EXPECT_EQ(Excess(), "none");
  FieldSlot("b", 10, 3);
  EXPECT_THAT(Excess(), HasSubstr("a number of 3 slots"));
}

TEST_F(BoundedMetadata, RefusesWhatTheTombstoneCovers) {
  writer.Tombstone(At(20));
  writer.Type(At(21), ObjectType::kHash);
  const Bytes dead = state;
  writer.Field(At(20), "f", "v");
  EXPECT_THAT(Excess(), HasSubstr("a cell that the tombstone covers"));
  state = dead;
  Slot(20, 1);
  EXPECT_THAT(Excess(), HasSubstr("increments of a base that the tombstone covers"));
  state = dead;
  FieldSlot("f", 20, 1);
  EXPECT_THAT(Excess(), HasSubstr("increments of a base that the tombstone covers"));
}

TEST_F(BoundedMetadata, RefusesIncrementsOfWhatWasOverwritten) {
  writer.Value(At(30), "0");
  Slot(29, 1);
  EXPECT_THAT(Excess(), HasSubstr("increments of a base that was overwritten"));
  state.clear();
  writer.Field(At(30), "f", "1");
  FieldSlot("f", 29, 1);
  EXPECT_THAT(Excess(), HasSubstr("increments of a base that was overwritten"));
}

// They may be on their way to each other.
TEST_F(BoundedMetadata, AcceptsIncrementsOfABaseThatIsNotThere) {
  writer.Field(At(30), "f", "1");
  FieldSlot("f", 31, 1);
  FieldSlot("g", 31, 1);
  EXPECT_EQ(Excess(), "none");
}

TEST_F(BoundedMetadata, RefusesACellTwice) {
  writer.Field(At(30), "f", "1");
  writer.Field(At(31), "f", "2");
  EXPECT_THAT(Excess(), HasSubstr("a cell twice"));
}

TEST_F(BoundedMetadata, RefusesADeadCellWhereNobodyElseHasTheKey) {
  writer.Type(At(5), ObjectType::kHash);
  writer.Field(At(10), "a", "1");
  writer.Kill(CellKind::kField, "b", At(10));
  EXPECT_EQ(Excess(), "none");
  EXPECT_THAT(Excess({.lives = 1, .sole_owner = true}), HasSubstr("a dead cell"));
}

}  // namespace
}  // namespace quorate::sim
