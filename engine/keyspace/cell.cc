// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/cell.h"

#include <array>
#include <limits>
#include <string>

namespace quorate::keyspace {
namespace {

constexpr uint8_t kKindMask = 0x0f;
constexpr uint8_t kDeadBit = 0x10;
constexpr uint8_t kSameVersionBit = 0x20;
constexpr uint8_t kHasValueBit = 0x40;
constexpr uint8_t kUnusedBit = 0x80;

// Values of fixed size are checked here, once, so that no reader has to.
bool ValueFits(const Cell& cell) {
  switch (cell.kind) {
    case CellKind::kTombstone:
      return !cell.dead && cell.value.empty();
    case CellKind::kType:
      return !cell.dead && cell.value.size() == 1 &&
             static_cast<uint8_t>(cell.value.front()) <= static_cast<uint8_t>(ObjectType::kStream);
    case CellKind::kDeadline:
      return cell.dead ? cell.value.empty() : cell.value.size() == sizeof(int64_t);
    case CellKind::kString:
      return !cell.dead;
    case CellKind::kSlot:
      return !cell.dead && cell.name.size() == kWriterIdBytes &&
             cell.value.size() == kVersionBytes + sizeof(int64_t);
    case CellKind::kFieldSlot:
      return cell.name.size() > kWriterIdBytes &&
             (cell.dead || cell.value.size() == kVersionBytes + sizeof(int64_t));
    case CellKind::kValue:
    case CellKind::kField:
    case CellKind::kMember:
    case CellKind::kScore:
    case CellKind::kPosition:
    case CellKind::kEntry:
      return !cell.dead || cell.value.empty();
  }
  return false;
}

}  // namespace

Version JustBelow(const Version& version) {
  if (version.time == HybridTime()) return {};
  constexpr NodeId kLastNode{std::numeric_limits<uint64_t>::max()};
  constexpr Incarnation kLastIncarnation{std::numeric_limits<uint32_t>::max()};
  constexpr ShardIndex kLastShard{std::numeric_limits<uint16_t>::max()};
  const auto& [node, incarnation, shard] = version.writer;
  if (shard.value > 0) {
    return {version.time, {node, incarnation, ShardIndex{static_cast<uint16_t>(shard.value - 1)}}};
  }
  if (incarnation.value > 0) {
    return {version.time, {node, Incarnation{incarnation.value - 1}, kLastShard}};
  }
  if (node.value > 0) {
    return {version.time, {NodeId{node.value - 1}, kLastIncarnation, kLastShard}};
  }
  return {HybridTime::FromBits(version.time.bits() - 1), {kLastNode, kLastIncarnation, kLastShard}};
}

void PackCell(Bytes& out, const Cell& cell, const Version& previous) {
  const bool same = !previous.empty() && cell.version == previous;
  char bytes[1 + kVersionBytes + kVarintBytesMax];
  char* at = bytes;
  *at++ = static_cast<char>(static_cast<uint8_t>(cell.kind) | (cell.dead ? kDeadBit : 0) |
                            (same ? kSameVersionBit : 0) | (cell.value.empty() ? 0 : kHasValueBit));
  if (!same) at = WriteVersion(at, cell.version);
  if (HasName(cell.kind)) {
    at = WriteVarint(at, cell.name.size());
    out.append(bytes, static_cast<size_t>(at - bytes));
    out.append(cell.name);
    at = bytes;
  }
  if (!cell.value.empty()) at = WriteVarint(at, cell.value.size());
  out.append(bytes, static_cast<size_t>(at - bytes));
  out.append(cell.value);
}

void CellWriter::Type(const Version& version, ObjectType type) {
  const char byte = static_cast<char>(type);
  Put({CellKind::kType, false, version, {}, std::string_view(&byte, 1)});
}

void CellWriter::Deadline(const Version& version, std::optional<int64_t> ms) {
  Bytes value;
  if (ms.has_value()) PutBigEndian(value, *ms);
  Put({CellKind::kDeadline, !ms.has_value(), version, {}, value});
}

bool CellReader::Next(Cell& cell) {
  if (!ok_ || reader_.AtEnd()) return false;
  const uint8_t head = reader_.BigEndian<uint8_t>();
  const uint8_t kind = head & kKindMask;
  if (kind < static_cast<uint8_t>(CellKind::kTombstone) ||
      kind > static_cast<uint8_t>(CellKind::kEntry) || (head & kUnusedBit) != 0) {
    return ok_ = false;
  }
  cell.kind = static_cast<CellKind>(kind);
  cell.dead = (head & kDeadBit) != 0;
  if ((head & kSameVersionBit) == 0) previous_ = reader_.Version();
  cell.version = previous_;
  cell.name = HasName(cell.kind) ? reader_.Blob() : std::string_view();
  cell.value = (head & kHasValueBit) != 0 ? reader_.Blob() : std::string_view();
  return ok_ = reader_.ok() && !cell.version.empty() && ValueFits(cell);
}

bool ValidCells(std::string_view packed) {
  CellReader reader(packed);
  Cell cell;
  while (reader.Next(cell)) continue;
  return reader.ok();
}

Bytes DescribeCells(std::string_view packed) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "",      "tombstone",  "type",   "deadline", "value",    "string", "slot",
      "field", "field slot", "member", "score",    "position", "entry"};
  Bytes text;
  const auto number = [&text](uint64_t value) { text += std::to_string(value); };
  CellReader reader(packed);
  Cell cell;
  while (reader.Next(cell)) {
    if (!text.empty()) text += ", ";
    text += kNames.at(static_cast<size_t>(cell.kind));
    if (cell.dead) text += " dead";
    text += " @";
    number(static_cast<uint64_t>(cell.version.time.ms()));
    text += '.';
    number(cell.version.time.bits() & 0xffff);
    text += " by ";
    number(cell.version.writer.node.value);
    text += '/';
    number(cell.version.writer.incarnation.value);
    if (cell.kind == CellKind::kDeadline && !cell.dead) {
      text += " at ";
      number(static_cast<uint64_t>(DeadlineOf(cell).value_or(0)));
    } else if (cell.kind == CellKind::kSlot || cell.kind == CellKind::kFieldSlot) {
      const SlotValue slot = UnpackSlotValue(cell.value);
      text += " sum " + std::to_string(slot.sum) + " on @";
      number(static_cast<uint64_t>(slot.base.time.ms()));
      text += " of shard ";
      number(cell.version.writer.shard.value);
    } else if (!cell.value.empty()) {
      text += " of ";
      number(cell.value.size());
      text += " bytes";
    }
  }
  return text;
}

Bytes Restamp(std::string_view packed, const Version& from, const Version& to) {
  Bytes out;
  CellReader reader(packed);
  CellWriter writer(out);
  Cell cell;
  while (reader.Next(cell)) {
    if (cell.version == from) cell.version = to;
    writer.Put(cell);
  }
  return out;
}

std::optional<int64_t> DeadlineOf(const Cell& cell) {
  if (cell.dead) return std::nullopt;
  return ByteReader(cell.value).BigEndian<int64_t>();
}

Bytes PackSlotValue(const SlotValue& slot) {
  Bytes out;
  PutVersion(out, slot.base);
  PutBigEndian(out, slot.sum);
  return out;
}

SlotValue UnpackSlotValue(std::string_view bytes) {
  ByteReader reader(bytes);
  SlotValue slot;
  slot.base = reader.Version();
  slot.sum = reader.BigEndian<int64_t>();
  return slot;
}

Bytes PackWriter(const WriterId& writer) {
  Bytes out;
  PutWriterId(out, writer);
  return out;
}

Bytes FieldSlotName(std::string_view field, const WriterId& writer) {
  Bytes out;
  PutBlob(out, field);
  PutWriterId(out, writer);
  return out;
}

}  // namespace quorate::keyspace
