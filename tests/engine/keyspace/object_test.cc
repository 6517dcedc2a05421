// SPDX-License-Identifier: Apache-2.0
// Merge is a join of a semilattice: the order, grouping and repetition of what arrives do not
// matter.
#include "engine/keyspace/object.h"

#include "engine/keyspace/object_view.h"
#include "tests/engine/keyspace/cell_generators.h"

namespace quorate::keyspace {
namespace {

// An object that the test owns.
class Held {
 public:
  Held() = default;
  explicit Held(const std::vector<Bytes>& parts) {
    for (const Bytes& part : parts) Add(part);
  }
  ~Held() { Object::Destroy(object_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  void Add(const Bytes& packed) {
    changes_.Clear();
    object_ = Merge(object_, "key", packed, writers_, changes_);
  }
  [[nodiscard]] Bytes State() const {
    Bytes packed;
    if (object_ != nullptr) PackObject(*object_, writers_, packed);
    return packed;
  }
  [[nodiscard]] uint64_t digest() const {
    return object_ == nullptr ? 0 : DigestOf(*object_, writers_);
  }
  [[nodiscard]] const Object* object() const { return object_; }
  [[nodiscard]] const Changes& changes() const { return changes_; }
  [[nodiscard]] const WriterTable& writers() const { return writers_; }
  [[nodiscard]] ObjectView view() const { return {object_, writers_}; }

 private:
  WriterTable writers_;
  Changes changes_;
  Object* object_ = nullptr;
};

Bytes Set(uint64_t time, std::string_view value, std::optional<int64_t> deadline = std::nullopt) {
  Bytes packed;
  CellWriter writer(packed);
  writer.String(MakeVersion(time, 1), value);
  if (deadline.has_value()) writer.Deadline(MakeVersion(time, 1), *deadline);
  return packed;
}

Bytes Tombstone(uint64_t time, uint64_t node = 1) {
  Bytes packed;
  CellWriter(packed).Tombstone(MakeVersion(time, node));
  return packed;
}

RC_GTEST_PROP(Merge, IsCommutative, ()) {
  const Bytes a = *AnyCells();
  const Bytes b = *AnyCells();
  RC_ASSERT(Held({a, b}).State() == Held({b, a}).State());
  RC_ASSERT(Held({a, b}).digest() == Held({b, a}).digest());
}

RC_GTEST_PROP(Merge, IsAssociative, ()) {
  const Bytes a = *AnyCells();
  const Bytes b = *AnyCells();
  const Bytes c = *AnyCells();
  const Bytes left = Held({a, b}).State();
  const Bytes right = Held({b, c}).State();
  RC_ASSERT(Held({left, c}).State() == Held({a, right}).State());
}

RC_GTEST_PROP(Merge, IsIdempotent, ()) {
  const Bytes a = *AnyCells();
  Held held({a});
  const Bytes once = held.State();
  held.Add(a);
  RC_ASSERT(held.State() == once);
  RC_ASSERT(held.changes().empty());
}

RC_GTEST_PROP(Merge, CellByCellGivesWhatTheListGives, (const std::vector<RandomCell>& cells)) {
  std::vector<Bytes> parts;
  parts.reserve(cells.size());
  for (const RandomCell& cell : cells) parts.push_back(Pack({cell}));
  RC_ASSERT(Held(parts).State() == Held({Pack(cells)}).State());
}

RC_GTEST_PROP(Merge, PackedStateGivesTheStateBack, ()) {
  const Bytes state = Held({*AnyCells(), *AnyCells()}).State();
  RC_ASSERT(ValidCells(state));
  const Held again({state});
  RC_ASSERT(again.State() == state);
}

RC_GTEST_PROP(Merge, DigestsAreEqualWhereStatesAre, ()) {
  const Held a({*AnyCells()});
  const Held b({*AnyCells()});
  RC_ASSERT((a.State() == b.State()) == (a.digest() == b.digest()));
}

RC_GTEST_PROP(Merge, EqualStatesHaveEqualForms, ()) {
  const Bytes a = *AnyCells();
  const Bytes b = *AnyCells();
  RC_PRE(!a.empty() || !b.empty());
  const Held one({a, b});
  const Held other({b, a});
  RC_ASSERT(one.object()->form() == other.object()->form());
  RC_ASSERT(one.object()->bytes() == other.object()->bytes());
}

// What Merge keeps in step must equal what is computed from nothing.
RC_GTEST_PROP(Merge, DerivedSumsEqualThoseOfAFreshObject, ()) {
  Held held;
  const auto parts = *rc::gen::container<std::vector<Bytes>>(AnyCells());
  for (const Bytes& part : parts) held.Add(part);
  const bool held_any = held.object() != nullptr;
  RC_PRE(held_any);
  const Held fresh({held.State()});
  RC_ASSERT(held.object()->form() == fresh.object()->form());
  RC_ASSERT(held.digest() == fresh.digest());
  RC_ASSERT(held.object()->bytes() == fresh.object()->bytes());
  RC_ASSERT(held.view().fields() == fresh.view().fields());
}

RC_GTEST_PROP(Merge, ReportsAChangeWhereTheStateChanges, ()) {
  Held held({*AnyCells()});
  const Bytes before = held.State();
  held.Add(*AnyCells());
  RC_ASSERT(held.changes().empty() == (held.State() == before));
}

RC_GTEST_PROP(Merge, NothingStandsAtOrBelowATombstone, ()) {
  const Held held({*AnyCells(), Tombstone(20)});
  RC_ASSERT(held.object()->form() == Object::Form::kDead);
  RC_ASSERT(!held.view().exists());
}

RC_GTEST_PROP(Merge, HighestTouchedIsNoLowerThanTheMutation, ()) {
  const Bytes mutation = *AnyCells();
  const Held held({*AnyCells(), mutation});
  CellReader reader(mutation);
  Cell cell;
  Version highest;
  while (reader.Next(cell)) {
    // A slot that is stale, and what it stood on, is gone; nothing else of a mutation is ever lower
    // than it.
    if (cell.kind == CellKind::kSlot || cell.kind == CellKind::kFieldSlot) continue;
    highest = std::max(highest, cell.version);
  }
  RC_ASSERT(highest.empty() || HighestTouched(held.object(), mutation, held.writers()) >= highest);
}

TEST(Object, TakesTheSmallestFormThatHoldsTheState) {
  EXPECT_EQ(Held({Set(5, "v")}).object()->form(), Object::Form::kString);
  EXPECT_EQ(Held({Set(5, "v", 99)}).object()->form(), Object::Form::kString);
  EXPECT_EQ(Held({Tombstone(5)}).object()->form(), Object::Form::kDead);
  EXPECT_EQ(Held({Set(5, "v"), Tombstone(6)}).object()->form(), Object::Form::kDead);
  Bytes field;
  CellWriter(field).Field(MakeVersion(5, 1), "f", "v");
  EXPECT_EQ(Held({field}).object()->form(), Object::Form::kCells);
  EXPECT_EQ(Held({field, Set(6, "v")}).object()->form(), Object::Form::kString);
}

TEST(Object, AStringOfSixteenAndSixtyFourBytesTakesOneSmallAllocation) {
  Changes changes;
  WriterTable writers;
  Object* object =
      Merge(nullptr, std::string(16, 'k'), Set(5, std::string(64, 'v')), writers, changes);
  EXPECT_EQ(object->bytes(), 24u + 16 + 64);
  Object::Destroy(object);
}

TEST(Object, AnEqualVersionIsDecidedByTheGreaterBytes) {
  EXPECT_EQ(Held({Set(5, "a"), Set(5, "b")}).State(), Set(5, "b"));
  EXPECT_EQ(Held({Set(5, "b"), Set(5, "a")}).State(), Set(5, "b"));
}

TEST(Object, ASetBelowTheTombstoneStaysDead) {
  EXPECT_EQ(Held({Tombstone(5, 2), Set(5, "v")}).State(), Tombstone(5, 2));
  EXPECT_TRUE(Held({Tombstone(5, 2), Set(6, "v")}).view().exists());
}

TEST(Object, ALaterSetWithoutDeadlineRemovesIt) {
  const Held held({Set(5, "v", 99), Set(6, "w")});
  EXPECT_FALSE(held.view().deadline_ms().has_value());
}

// Two coordinators may come to the same time.
TEST(Object, ASetCoversWhatALowerWriterWroteAtTheSameTime) {
  Bytes lower;
  CellWriter writer(lower);
  writer.String(MakeVersion(5, 1), "v");
  writer.Deadline(MakeVersion(5, 1), 99);
  Bytes higher;
  CellWriter(higher).String(MakeVersion(5, 2), "w");
  for (const Held& held : {Held({lower, higher}), Held({higher, lower})}) {
    EXPECT_EQ(held.State(), higher);
    EXPECT_FALSE(held.view().deadline_ms().has_value());
  }
}

TEST(Object, ASlotGoesWithItsBaseInAnyOrder) {
  Bytes slot;
  const Version writer = MakeVersion(8, 2);
  CellWriter(slot).Put({CellKind::kSlot, false, writer, PackWriter(writer.writer),
                        PackSlotValue({MakeVersion(4, 1), 5})});
  const Bytes set = Set(5, "1");
  const Bytes del = Tombstone(6);
  EXPECT_EQ(Held({set, slot, del}).State(), Held({del, slot, set}).State());
  EXPECT_EQ(Held({set, slot, del}).State(), del);
}

TEST(Object, WhatSetLeavesHasOneDigestInEveryForm) {
  for (const bool with_deadline : {false, true}) {
    Bytes set;
    CellWriter writer(set);
    writer.String(MakeVersion(5, 1), "x");
    if (with_deadline) writer.Deadline(MakeVersion(5, 1), 1000);
    Bytes packed = set;
    CellWriter(packed).Kill(CellKind::kField, "b", MakeVersion(6, 1));
    WriterTable writers;
    Changes changes;
    Object* object = Merge(nullptr, "key", packed, writers, changes);
    DropDeadCells(*object, writers, changes);
    ASSERT_EQ(object->form(), Object::Form::kCells);
    EXPECT_EQ(DigestOf(*object, writers), Held({set}).digest());
    Object::Destroy(object);
  }
}

TEST(Object, DeadCellsCanBeDroppedAndTheSumsFollow) {
  Bytes packed;
  CellWriter writer(packed);
  writer.Type(MakeVersion(5, 1), ObjectType::kHash);
  writer.Field(MakeVersion(5, 1), "a", "1");
  writer.Kill(CellKind::kField, "b", MakeVersion(5, 1));
  WriterTable writers;
  Changes changes;
  Object* object = Merge(nullptr, "key", packed, writers, changes);
  DropDeadCells(*object, writers, changes);
  Bytes left;
  PackObject(*object, writers, left);
  const Held fresh({left});
  EXPECT_EQ(DigestOf(*object, writers), fresh.digest());
  EXPECT_EQ(object->bytes(), fresh.object()->bytes());
  EXPECT_EQ(left.find('b'), Bytes::npos);
  Object::Destroy(object);
}

}  // namespace
}  // namespace quorate::keyspace
