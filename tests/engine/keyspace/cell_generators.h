// SPDX-License-Identifier: Apache-2.0
// Random cells for properties of merge: few versions, names and values, so that they meet often.
// What a writer keeps to is kept to here: a version belongs to its writer, a slot is above its
// base, and a later slot has no earlier base.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "engine/keyspace/cell.h"

namespace quorate::keyspace {

inline Version MakeVersion(uint64_t time, uint64_t node) {
  return {HybridTime::FromBits(time << 8), WriterId{NodeId{node}, Incarnation{1}, ShardIndex{0}}};
}

struct RandomCell {
  CellKind kind = CellKind::kTombstone;
  bool dead = false;
  Version version;
  Bytes name;
  Bytes value;
};

inline RandomCell RandomCellOf(CellKind kind, uint64_t time, uint64_t node, int choice, bool dead) {
  RandomCell cell{kind, false, MakeVersion(time, node), {}, {}};
  const Bytes text(1, static_cast<char>('a' + choice % 3));
  const SlotValue slot{MakeVersion(time / 2, 1), choice};
  switch (kind) {
    case CellKind::kTombstone:
      break;
    case CellKind::kType:
      cell.value.push_back(static_cast<char>(1 + choice % 2));
      break;
    case CellKind::kDeadline:
      cell.dead = dead;
      if (!dead) PutBigEndian(cell.value, int64_t{1000} + choice);
      break;
    case CellKind::kString:
      cell.value = std::to_string(choice);
      break;
    case CellKind::kSlot:
      cell.name = PackWriter(cell.version.writer);
      cell.value = PackSlotValue(slot);
      break;
    case CellKind::kFieldSlot:
      cell.name = FieldSlotName(text, cell.version.writer);
      cell.value = PackSlotValue(slot);
      break;
    case CellKind::kValue:
    case CellKind::kField:
    case CellKind::kMember:
    case CellKind::kScore:
    case CellKind::kPosition:
    case CellKind::kEntry:
      if (kind != CellKind::kValue) cell.name = text;
      cell.dead = dead;
      if (!dead) cell.value = std::to_string(choice);
      break;
  }
  return cell;
}

inline rc::Gen<RandomCell> AnyCell() {
  return rc::gen::apply(
      [](int kind, uint64_t time, uint64_t node, int choice, int dead) {
        return RandomCellOf(static_cast<CellKind>(kind), time, node, choice, dead == 0);
      },
      rc::gen::inRange(1, 13), rc::gen::inRange<uint64_t>(2, 10), rc::gen::inRange<uint64_t>(1, 4),
      rc::gen::inRange(0, 6), rc::gen::inRange(0, 3));
}

inline Bytes Pack(const std::vector<RandomCell>& cells) {
  Bytes packed;
  CellWriter writer(packed);
  for (const RandomCell& cell : cells) {
    writer.Put({cell.kind, cell.dead, cell.version, cell.name, cell.value});
  }
  return packed;
}

inline rc::Gen<Bytes> AnyCells() {
  return rc::gen::map(rc::gen::container<std::vector<RandomCell>>(AnyCell()), Pack);
}

}  // namespace quorate::keyspace

namespace rc {
template <>
struct Arbitrary<quorate::keyspace::RandomCell> {
  static Gen<quorate::keyspace::RandomCell> arbitrary() { return quorate::keyspace::AnyCell(); }
};
}  // namespace rc
