// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/bounded_metadata.h"

#include <map>

#include "engine/base/status.h"
#include "engine/keyspace/cell.h"
#include "sim/oracle/history.h"

namespace quorate::sim {
namespace {

using keyspace::Cell;
using keyspace::CellKind;
using keyspace::CellReader;

bool IsSlot(CellKind kind) { return kind == CellKind::kSlot || kind == CellKind::kFieldSlot; }

// The versions below which nothing may stand.
struct Floors {
  Version tombstone;
  Version value;                               // of the register
  std::map<std::string_view, Version> fields;  // of a hash
};

Floors FloorsOf(std::string_view state) {
  Floors floors;
  CellReader reader(state);
  for (Cell cell; reader.Next(cell);) {
    if (cell.kind == CellKind::kTombstone) floors.tombstone = cell.version;
    if (cell.kind == CellKind::kString) floors.tombstone = keyspace::JustBelow(cell.version);
    if (cell.kind == CellKind::kString || cell.kind == CellKind::kValue) {
      floors.value = cell.version;
    }
    if (cell.kind == CellKind::kField) floors.fields.emplace(cell.name, cell.version);
  }
  return floors;
}

// The number that a slot is of: a field, or the register, whose slots begin with no name.
std::string_view NumberOf(const Cell& slot) {
  if (slot.kind == CellKind::kSlot) return {};
  ByteReader reader(slot.name);
  return reader.Blob();
}

Version BaseOf(const Floors& floors, const Cell& slot) {
  if (slot.kind == CellKind::kSlot) return floors.value;
  const auto field = floors.fields.find(NumberOf(slot));
  return field == floors.fields.end() ? Version() : field->second;
}

std::optional<Bytes> ExcessOfCell(const Cell& cell, const Floors& floors) {
  if (cell.kind != CellKind::kTombstone && cell.version <= floors.tombstone) {
    return "a cell that the tombstone covers";
  }
  if (!IsSlot(cell.kind)) return std::nullopt;
  const Version base = keyspace::UnpackSlotValue(cell.value).base;
  if (base <= floors.tombstone) return "increments of a base that the tombstone covers";
  if (base < BaseOf(floors, cell)) return "increments of a base that was overwritten";
  return std::nullopt;
}

// What the state has that it may not have, in words.
std::optional<Bytes> ExcessOf(std::string_view state, const MetadataBounds& bounds) {
  const Floors floors = FloorsOf(state);
  Cell before;
  uint64_t slots = 0;  // of the number that `before` is a slot of
  CellReader reader(state);
  for (Cell cell; reader.Next(cell); before = cell) {
    const bool same_kind = cell.kind == before.kind && HasName(cell.kind);
    if (same_kind && cell.name <= before.name) return "a cell twice, or out of order";
    if (auto excess = ExcessOfCell(cell, floors)) return excess;
    if (bounds.sole_owner && cell.dead && HasName(cell.kind)) {
      return "a dead cell, of which nobody else has to hear";
    }
    if (!IsSlot(cell.kind)) continue;
    slots = same_kind && NumberOf(cell) == NumberOf(before) ? slots + 1 : 1;
    if (const uint64_t lives = bounds.lives(); slots > lives) {
      return Format("a number of %u slots, more than its replicas have had lives (%u)", slots,
                    lives);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Failure> CheckMetadata(uint32_t node, std::string_view key, std::string_view state,
                                     const MetadataBounds& bounds, EventId now) {
  const std::optional<Bytes> excess = ExcessOf(state, bounds);
  if (!excess.has_value()) return std::nullopt;
  return Failure{FailureKind::kLeak, "bounded_metadata",
                 Format("of key %s nothing is kept but what merging needs", Shown(Bytes(key))),
                 Format("node %u keeps %s: %s", node, *excess, keyspace::DescribeCells(state)),
                 now};
}

}  // namespace quorate::sim
