// SPDX-License-Identifier: Apache-2.0
// One key's state in memory, and Merge, the only thing that ever changes it.
//
// Three forms of the same abstract state, a set of cells; the smallest that can hold the state is
// always used, so equal states have equal forms and pack to equal bytes:
//   kDead    a tombstone and nothing else
//   kString  what SET leaves: register, type and tombstone of one version, maybe a deadline.
//            One allocation: 24 bytes, 24 more with a deadline, key, value
//   kCells   everything else
//
// Objects are made and freed here alone; a Table owns them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "engine/keyspace/cell.h"
#include "engine/keyspace/writer_table.h"

namespace quorate::keyspace {

class Object {
 public:
  enum class Form : uint8_t { kDead, kString, kCells };

  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  [[nodiscard]] Form form() const { return form_; }
  [[nodiscard]] std::string_view key() const;
  // Logical bytes, for limits: what the state needs, not what the allocator gave.
  [[nodiscard]] size_t bytes() const;

  // kString alone: elsewhere a deadline is a cell of the head.
  [[nodiscard]] bool has_deadline() const { return has_deadline_; }

  // A small clock hand for eviction: set when the object is used, cleared as the hand passes.
  [[nodiscard]] bool used() const { return used_; }
  void set_used(bool used) { used_ = used; }

  // While a snapshot is taken (Keyspace::BeginSnapshot), of what its walk has not come to: how the
  // object was at its beginning.
  enum class Image : uint8_t {
    kAsIs,       // as it is
    kKept,       // is written, or there was none
    kWasUsed,    // as it is, but for used()
    kWasUnused,  // the same
  };
  [[nodiscard]] Image image() const { return image_; }
  void set_image(Image image) { image_ = image; }

  static void Destroy(Object* object);
  struct Destroyer {
    void operator()(Object* object) const { Destroy(object); }
  };

 protected:
  explicit Object(Form form, uint32_t key_size) : form_(form), key_size_(key_size) {}
  ~Object() = default;

  Form form_;
  bool used_ = true;
  bool has_deadline_ = false;  // kString only
  Image image_ = Image::kAsIs;
  uint32_t key_size_;
};

// kDead and kString: the header is followed by [deadline] key value.
class CompactObject final : public Object {
 public:
  struct Deadline {
    int64_t ms;
    uint64_t time;
    uint64_t writer;
  };

  // `version` is the register's (kString) or the tombstone's (kDead, with an empty value).
  static CompactObject* Create(Form form, std::string_view key, std::string_view value,
                               const Version& version, uint32_t writer,
                               std::optional<Deadline> deadline);

  [[nodiscard]] std::string_view key() const { return {Tail() + DeadlineBytes(), key_size_}; }
  [[nodiscard]] std::string_view value() const {
    return {Tail() + DeadlineBytes() + key_size_, value_size_};
  }
  [[nodiscard]] Version version(const WriterTable& writers) const {
    return {HybridTime::FromBits(time_), writers.Find(writer_)};
  }
  [[nodiscard]] HybridTime time() const { return HybridTime::FromBits(time_); }
  [[nodiscard]] std::optional<Deadline> deadline() const;
  // Overwrites value and version in place where the sizes allow it; no deadline on either side.
  bool TryReplace(std::string_view value, const Version& version, uint32_t writer);
  [[nodiscard]] size_t allocated() const {
    return sizeof(CompactObject) + DeadlineBytes() + key_size_ + value_size_;
  }

 private:
  CompactObject(Form form, std::string_view key, std::string_view value, const Version& version,
                uint32_t writer, std::optional<Deadline> deadline);
  [[nodiscard]] size_t DeadlineBytes() const { return has_deadline_ ? sizeof(Deadline) : 0; }
  [[nodiscard]] const char* Tail() const {
    return reinterpret_cast<const char*>(this) + sizeof(CompactObject);
  }
  char* Tail() { return reinterpret_cast<char*>(this) + sizeof(CompactObject); }

  uint32_t value_size_;
  uint32_t writer_;
  uint64_t time_;
};
static_assert(sizeof(CompactObject) == 24, "the compact header is part of the memory budget");

// An object that is in no table.
using ObjectPtr = std::unique_ptr<Object, Object::Destroyer>;

// The cells of an object, whichever its form.
struct Head {
  Version tombstone;
  Version type_version;
  ObjectType type = ObjectType::kNone;
  Version deadline_version;
  std::optional<int64_t> deadline_ms;
  Version value_version;  // empty: no register
  bool value_dead = false;
  friend bool operator==(const Head&, const Head&) = default;
};

struct CellKey {
  CellKind kind;
  Bytes name;
  friend auto operator<=>(const CellKey&, const CellKey&) = default;
};
struct CellState {
  Version version;
  bool dead = false;
  Bytes value;
};
using CellMap = absl::btree_map<CellKey, CellState>;

class CellsObject final : public Object {
 public:
  explicit CellsObject(std::string_view key)
      : Object(Form::kCells, static_cast<uint32_t>(key.size())), key_(key) {}

  [[nodiscard]] const Bytes& key() const { return key_; }

  Head head;
  Bytes value;  // the register
  CellMap cells;
  // Derived, kept in step by Merge: live fields and members, bytes of all cells, sum of their
  // digests.
  size_t live = 0;
  size_t cell_bytes = 0;
  uint64_t cells_digest = 0;

 private:
  Bytes key_;
};

// What a merge did, as far as stored rows are concerned.
struct Changes {
  bool head = false;
  std::vector<std::pair<CellKey, bool>> cells;  // and whether the cell is gone
  [[nodiscard]] bool empty() const { return !head && cells.empty(); }
  void Clear() {
    head = false;
    cells.clear();
  }
};

// Merges packed cells into an object (null: the key is not held) and returns the object that now
// holds the state, which replaces the old one; null only where nothing was held and nothing came.
// Adds to `changes`. Requires: ValidCells(packed).
Object* Merge(Object* object, std::string_view key, std::string_view packed, WriterTable& writers,
              Changes& changes);

// Removes the dead ones of the cells that `changes` names: where nobody else holds a copy, a dead
// cell has told all it had to tell.
void DropDeadCells(Object& object, const WriterTable& writers, Changes& changes);

// The head, and the whole state, in packed form. Equal states give equal bytes.
void PackHead(const Object& object, const WriterTable& writers, Bytes& out);
void PackObject(const Object& object, const WriterTable& writers, Bytes& out);
[[nodiscard]] Head HeadOf(const Object& object, const WriterTable& writers);

// The highest version that now stands where the packed cells wanted to write, tombstone included:
// above the mutation's own version, it was superseded.
[[nodiscard]] Version HighestTouched(const Object* object, std::string_view packed,
                                     const WriterTable& writers);

// The highest version of all cells.
[[nodiscard]] Version HighestOf(const Object& object, const WriterTable& writers);

// A keyed digest of the whole state: replicas that agree have equal digests. The second form is for
// who needs several of one key: `key_digest` is the key's.
[[nodiscard]] uint64_t KeyDigestOf(std::string_view key);
[[nodiscard]] uint64_t DigestOf(const Object& object, const WriterTable& writers,
                                uint64_t key_digest);
[[nodiscard]] inline uint64_t DigestOf(const Object& object, const WriterTable& writers) {
  return DigestOf(object, writers, KeyDigestOf(object.key()));
}

}  // namespace quorate::keyspace
