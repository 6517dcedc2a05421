// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/cell.h"

#include "tests/engine/keyspace/cell_generators.h"

namespace quorate::keyspace {
namespace {

std::vector<RandomCell> Unpack(std::string_view packed) {
  std::vector<RandomCell> cells;
  CellReader reader(packed);
  Cell cell;
  while (reader.Next(cell)) {
    cells.push_back({cell.kind, cell.dead, cell.version, Bytes(cell.name), Bytes(cell.value)});
  }
  EXPECT_TRUE(reader.ok());
  return cells;
}

RC_GTEST_PROP(Cell, ReadsBackWhatWasPacked, (const std::vector<RandomCell>& cells)) {
  const Bytes packed = Pack(cells);
  RC_ASSERT(ValidCells(packed));
  const std::vector<RandomCell> read = Unpack(packed);
  RC_ASSERT(read.size() == cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    RC_ASSERT(read[i].kind == cells[i].kind);
    RC_ASSERT(read[i].dead == cells[i].dead);
    RC_ASSERT(read[i].version == cells[i].version);
    RC_ASSERT(read[i].name == cells[i].name);
    RC_ASSERT(read[i].value == cells[i].value);
  }
}

RC_GTEST_PROP(Cell, AnyBytesAreCellsOrAnError, (const std::string& bytes)) {
  CellReader reader(bytes);
  Cell cell;
  size_t cells = 0;
  while (reader.Next(cell)) ++cells;
  RC_ASSERT(cells <= bytes.size());
  RC_ASSERT(reader.ok() == ValidCells(bytes));
}

RC_GTEST_PROP(Cell, CutBytesAreNoLongerThanTheList, (const std::vector<RandomCell>& cells)) {
  const Bytes packed = Pack(cells);
  RC_PRE(!packed.empty());
  const auto cut = *rc::gen::inRange<size_t>(0, packed.size());
  CellReader reader(std::string_view(packed).substr(0, cut));
  Cell cell;
  size_t read = 0;
  while (reader.Next(cell)) ++read;
  RC_ASSERT(read < cells.size());
}

RC_GTEST_PROP(Cell, RestampChangesOneVersionAlone, (const std::vector<RandomCell>& cells)) {
  RC_PRE(!cells.empty());
  const Version from = cells.front().version;
  const Version to = MakeVersion(99, 7);
  const std::vector<RandomCell> read = Unpack(Restamp(Pack(cells), from, to));
  RC_ASSERT(read.size() == cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    RC_ASSERT(read[i].version == (cells[i].version == from ? to : cells[i].version));
    RC_ASSERT(read[i].value == cells[i].value);
  }
}

TEST(Cell, VersionsAreSharedBetweenNeighbours) {
  Bytes one;
  CellWriter(one).Field(MakeVersion(5, 1), "a", "1");
  Bytes two;
  CellWriter writer(two);
  writer.Field(MakeVersion(5, 1), "a", "1");
  writer.Field(MakeVersion(5, 1), "a", "1");
  EXPECT_EQ(two.size(), 2 * one.size() - kVersionBytes);
}

TEST(Cell, NothingIsBetweenAVersionAndTheOneJustBelow) {
  constexpr NodeId kLastNode{~uint64_t{0}};
  constexpr Incarnation kLastLife{~uint32_t{0}};
  constexpr ShardIndex kLastShard{65535};
  const HybridTime time = HybridTime::FromBits(5);
  const auto below = [&](const WriterId& writer) { return JustBelow({time, writer}); };
  EXPECT_EQ(below({NodeId{7}, Incarnation{3}, ShardIndex{2}}),
            (Version{time, {NodeId{7}, Incarnation{3}, ShardIndex{1}}}));
  EXPECT_EQ(below({NodeId{7}, Incarnation{3}, {}}),
            (Version{time, {NodeId{7}, Incarnation{2}, kLastShard}}));
  EXPECT_EQ(below({NodeId{7}, {}, {}}), (Version{time, {NodeId{6}, kLastLife, kLastShard}}));
  EXPECT_EQ(below({}), (Version{HybridTime::FromBits(4), {kLastNode, kLastLife, kLastShard}}));
  EXPECT_TRUE(JustBelow(Version{}).empty());
}

TEST(Cell, RefusesValuesOfWrongSize) {
  const Version version = MakeVersion(5, 1);
  const auto valid = [&](Cell cell) {
    cell.version = version;
    Bytes packed;
    PackCell(packed, cell);
    return ValidCells(packed);
  };
  EXPECT_FALSE(valid({CellKind::kType, false, {}, {}, "12"}));
  EXPECT_FALSE(valid({CellKind::kType, false, {}, {}, "\x70"}));
  EXPECT_FALSE(valid({CellKind::kDeadline, false, {}, {}, "1234567"}));
  EXPECT_FALSE(valid({CellKind::kSlot, false, {}, "short", PackSlotValue({})}));
  EXPECT_FALSE(valid({CellKind::kSlot, false, {}, PackWriter({}), "short"}));
  EXPECT_FALSE(valid({CellKind::kFieldSlot, false, {}, "short", PackSlotValue({})}));
  EXPECT_FALSE(valid({CellKind::kTombstone, true, {}, {}, {}}));
  EXPECT_FALSE(valid({CellKind::kField, true, {}, "f", "dead cells have no value"}));
  EXPECT_TRUE(valid({CellKind::kField, true, {}, "f", {}}));
  EXPECT_TRUE(valid({CellKind::kSlot, false, {}, PackWriter({}), PackSlotValue({})}));
}

TEST(Cell, RefusesAnEmptyVersion) {
  Bytes packed;
  PackCell(packed, {CellKind::kValue, false, {}, {}, "x"});
  EXPECT_FALSE(ValidCells(packed));
}

TEST(Cell, FirstBaseIsAboveWhatWasDeleted) {
  const Version deleted = MakeVersion(5, 3);
  EXPECT_GT(FirstBase(deleted), deleted);
  EXPECT_EQ(FirstBase(deleted), FirstBase(MakeVersion(5, 3)));
  EXPECT_FALSE(FirstBase({}).empty());
}

}  // namespace
}  // namespace quorate::keyspace
