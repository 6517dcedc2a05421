// SPDX-License-Identifier: Apache-2.0
// Cells: the unit of versioning and merge. A packed list of cells for one key is at once a
// mutation, a replica's state, a message's payload and a stored row, so hinted handoff, repair,
// streaming, loading and duplicate delivery are one operation: Merge.
//
// An object's head is its tombstone, type, deadline and register (the string value, or the base of
// a number); the other cells have names. Rules of merge, per cell: the higher version wins; at
// equal versions dead wins, then the greater bytes. A tombstone covers every cell at or below its
// version.
//
// Packed form, one after another:
//   0  1  bits 0-3 kind, bit 4 dead, bit 5 version as in the cell before, bit 6 has value
//   1  22 version, unless bit 5
//      blob name, for kinds that have one
//      blob value, if bit 6
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/codec.h"
#include "engine/base/ids.h"

namespace quorate::keyspace {

// Stored and sent: values never change meaning.
enum class ObjectType : uint8_t {
  kNone = 0,
  kString = 1,
  kHash = 2,
  kSet = 3,
  kSortedSet = 4,
  kList = 5,
  kStream = 6,
};

// Stored and sent: values never change meaning.
enum class CellKind : uint8_t {
  kTombstone = 1,  // the object is dead at and below the version
  kType = 2,       // value: one byte, an ObjectType
  kDeadline = 3,   // value: big-endian milliseconds since the epoch; dead: no deadline
  kValue = 4,      // the register of a string, or the base of a number
  kString = 5,  // what SET writes: tombstone just below the version, type string and register at it
  kSlot = 6,    // name: WriterId; value: version of the base, big-endian sum of increments
  kField = 7,   // of a hash; name: the field
  kFieldSlot = 8,  // a number in a hash; name: blob field, WriterId; value as in kSlot
  kMember = 9,     // of a set
  kScore = 10,     // of a sorted set; name: the member
  kPosition = 11,  // of a list; name: the order key
  kEntry = 12,     // of a stream; name: the id
};

[[nodiscard]] constexpr bool HasName(CellKind kind) { return kind >= CellKind::kSlot; }

// A view: name and value point into the packed bytes or wherever the writer has them.
struct Cell {
  CellKind kind = CellKind::kTombstone;
  bool dead = false;
  Version version;
  std::string_view name;
  std::string_view value;
};

// The version before which there is none: what SET covers, another writer's of the same time too.
[[nodiscard]] Version JustBelow(const Version& version);

void PackCell(Bytes& out, const Cell& cell, const Version& previous = {});

// Appends cells to `out`, sharing versions between neighbours.
class CellWriter {
 public:
  explicit CellWriter(Bytes& out) : out_(out) {}
  void Put(const Cell& cell) {
    PackCell(out_, cell, previous_);
    previous_ = cell.version;
  }
  void Tombstone(const Version& version) { Put({CellKind::kTombstone, false, version, {}, {}}); }
  void String(const Version& version, std::string_view value) {
    Put({CellKind::kString, false, version, {}, value});
  }
  void Value(const Version& version, std::string_view value) {
    Put({CellKind::kValue, false, version, {}, value});
  }
  void Type(const Version& version, ObjectType type);
  void Deadline(const Version& version, std::optional<int64_t> ms);
  void Field(const Version& version, std::string_view name, std::string_view value) {
    Put({CellKind::kField, false, version, name, value});
  }
  // Kills the named cell at the version that was seen.
  void Kill(CellKind kind, std::string_view name, const Version& seen) {
    Put({kind, true, seen, name, {}});
  }

 private:
  Bytes& out_;
  Version previous_;
};

// Reads a packed list. Malformed bytes end the list with ok() false.
class CellReader {
 public:
  explicit CellReader(std::string_view packed) : reader_(packed) {}
  // False at the end or where the bytes are malformed.
  bool Next(Cell& cell);
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  ByteReader reader_;
  Version previous_;
  bool ok_ = true;
};

// True if the bytes are a well-formed list of cells.
[[nodiscard]] bool ValidCells(std::string_view packed);

// The cells in words, for people: kinds, versions, and how long the values are.
[[nodiscard]] Bytes DescribeCells(std::string_view packed);

// The same cells, with every version equal to `from` replaced by `to`.
[[nodiscard]] Bytes Restamp(std::string_view packed, const Version& from, const Version& to);

// The content of kDeadline and of a slot.
[[nodiscard]] std::optional<int64_t> DeadlineOf(const Cell& cell);
struct SlotValue {
  Version base;  // of the register or field that the increments are on top of
  int64_t sum = 0;
};

// The version of a base that an increment makes where there is none: the same for all who have seen
// the same deletions, so that concurrent first increments share one base.
[[nodiscard]] inline Version FirstBase(const Version& deleted) {
  return {deleted.time.Next(), WriterId{}};
}
[[nodiscard]] Bytes PackSlotValue(const SlotValue& slot);
[[nodiscard]] SlotValue UnpackSlotValue(std::string_view bytes);
[[nodiscard]] Bytes PackWriter(const WriterId& writer);
[[nodiscard]] Bytes FieldSlotName(std::string_view field, const WriterId& writer);

}  // namespace quorate::keyspace
