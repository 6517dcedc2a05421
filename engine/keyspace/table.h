// SPDX-License-Identifier: Apache-2.0
// The objects of one partition, ordered by place.
//
// A directory on the leading bits of the place (extendible hashing, Fagin 1979) points to buckets
// of at most 13 objects, two cache lines each. One structure serves point look-ups (two dependent
// loads before the object), ordered scans, digests of place ranges and eviction. The directory
// skips the bits that all places share, as those of the one narrow range that a node of a large
// cluster has. Where some places share many more bits than others (several such ranges, hash tags,
// narrow hashes) they get nested directories; keys whose places are equal in all 64 bits share an
// ordered overflow tree.
//
// Invariants:
//   1. an object is in the bucket that its place leads to; a bucket is entered by all directory
//   slots that
//      share its prefix, and by no others
//   2. digest() is the sum of DigestOf over all objects, and so is each bucket's over its own
//   3. the order of iteration depends on the set of keys alone, never on the order of insertion
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "engine/base/ids.h"
#include "engine/hash/place.h"
#include "engine/keyspace/directory.h"
#include "engine/keyspace/object.h"

namespace quorate::keyspace {

class Table {
 public:
  // Holds the places from `begin` on, 2^(64 - prefix_bits) of them. `placer` and `writers` outlive
  // it.
  Table(const hash::KeyPlacer& placer, const WriterTable& writers, Place begin, int prefix_bits);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] Object* Find(Place place, std::string_view key) const;
  // All of one place, in the order of their keys: nearly always one.
  [[nodiscard]] absl::InlinedVector<Object*, 1> FindAll(Place place) const;

  // The steps of a batched look-up; each touches only what the one before has fetched.
  void PrefetchSlot(Place place) const {
    __builtin_prefetch(root_.data() + Root().IndexOf(BitsOf(place)));
  }
  void PrefetchBucket(Place place) const {
    const uintptr_t slot = SlotOf(BitsOf(place));
    if ((slot & kTagMask) != kBucketTag || slot == 0) return;
    __builtin_prefetch(AsBucket(slot));
    __builtin_prefetch(reinterpret_cast<const char*>(AsBucket(slot)) + kCacheLine);
  }
  void PrefetchObject(Place place) const;

  // Takes ownership. Requires: the key is not held.
  void Insert(Place place, Object* object, uint64_t digest);
  // Puts `object`, of the same key, in the place of the held `old` (which Merge may have freed).
  void Replace(Place place, const Object* old, Object* object, uint64_t digest_change);
  // Frees the object.
  void Erase(Place place, Object* object, uint64_t digest);

  // Visits objects with place >= from in (place, key) order until `visit` returns false.
  template <typename Visitor>
  void ForEachFrom(Place from, Visitor&& visit) const {
    std::vector<Entry> entries;
    const auto visit_slot = [&](uintptr_t slot) {
      Collect(slot, entries);
      for (const Entry& entry : entries) {
        if (entry.place >= from && !visit(entry.place, *entry.object)) return false;
      }
      return true;
    };
    VisitSlots(Root(), from < begin_ ? 0 : BitsOf(from), root_prefix_, visit_slot);
  }

  [[nodiscard]] uint64_t digest() const { return digest_; }
  [[nodiscard]] size_t size() const { return size_; }
  // Memory of buckets and directories. Looks at all of them.
  [[nodiscard]] size_t index_bytes() const { return IndexBytes(Root()); }

 private:
  static constexpr int kBucketSlots = 13;
  static constexpr int kNestedBits = 4;
  static constexpr int kPlaceBits = Slots::kPlaceBits;
  static constexpr size_t kCacheLine = 64;
  // Where a small string ends: most objects are in one, two or three cache lines.
  static constexpr size_t kSmallObjectBytes = 104;

  struct Entry {
    Place place;
    Object* object;
  };
  struct alignas(64) Bucket {
    uint64_t digest = 0;
    uint8_t depth = 0;  // leading bits that all its places share
    uint8_t count = 0;
    std::array<uint8_t, kBucketSlots> tags{};
    std::array<Object*, kBucketSlots> objects{};
  };
  static_assert(sizeof(Bucket) == 128);
  struct Overflow {
    uint64_t digest = 0;
    absl::btree_map<Bytes, Object*, std::less<>> objects;
  };
  // A slot is 0 or a pointer with its kind in the low bits.
  enum : uintptr_t { kBucketTag = 0, kDirectoryTag = 1, kOverflowTag = 2, kTagMask = 3 };

  static Bucket* AsBucket(uintptr_t slot) { return reinterpret_cast<Bucket*>(slot); }
  static Directory* AsDirectory(uintptr_t slot) {
    return reinterpret_cast<Directory*>(slot & ~kTagMask);
  }
  static Overflow* AsOverflow(uintptr_t slot) {
    return reinterpret_cast<Overflow*>(slot & ~kTagMask);
  }
  static uint8_t TagOf(Place place) { return static_cast<uint8_t>(place.value); }

  [[nodiscard]] uint64_t BitsOf(Place place) const {
    return (place.value - begin_.value) << prefix_bits_;
  }
  [[nodiscard]] Slots Root() const {
    return {const_cast<uintptr_t*>(root_.data()), root_start_, root_bits_};
  }
  [[nodiscard]] bool RootCovers(uint64_t bits) const {
    return root_start_ == 0 || (bits ^ root_prefix_) >> (kPlaceBits - root_start_) == 0;
  }
  static bool IsDirectory(uintptr_t slot) { return (slot & kTagMask) == kDirectoryTag; }
  static uintptr_t SlotFor(Directory* directory) {
    return reinterpret_cast<uintptr_t>(directory) | kDirectoryTag;
  }
  // The slots and the index in them where `bits` lead to: a bucket, an overflow list, nothing, or a
  // directory that does not cover them. Requires: RootCovers(bits).
  [[nodiscard]] std::pair<Slots, size_t> Locate(uint64_t bits) const;
  // The same, without such a directory.
  [[nodiscard]] uintptr_t SlotOf(uint64_t bits) const {
    if (!RootCovers(bits)) return 0;
    const uintptr_t slot = root_[Root().IndexOf(bits)];
    if (!IsDirectory(slot)) return slot;
    const auto [slots, index] = Locate(bits);
    return IsDirectory(slots.first[index]) ? 0 : slots.first[index];
  }

  static Bucket* NewBucket(int depth);
  // Makes room where the bucket at this slot is full: splits it, after growing what leads to it.
  void Split(const Slots& slots, size_t index, uint64_t bits);
  // How many leading bits `bits` and all places in the bucket share; some are left to choose by.
  [[nodiscard]] int SharedBits(const Bucket& bucket, uint64_t bits) const;
  void GrowRoot();
  // The root skips what `bits` and all places share. Requires: it leads to one bucket, and is about
  // to grow.
  void NarrowRoot(uint64_t bits);
  // The root, which does not cover `bits`, becomes a directory below one that does.
  void WidenRoot(uint64_t bits);
  // Puts a directory above the bucket at this slot that skips what all its places share.
  void Nest(const Slots& slots, size_t index, uint64_t bits);
  // Puts a directory that covers `bits`, too, above the one at this slot, which does not.
  static void Interpose(const Slots& slots, size_t index, uint64_t bits);
  static void ToOverflow(const Slots& slots, size_t index);
  static void PutInto(Bucket& bucket, Place place, Object* object, uint64_t digest);
  void Collect(uintptr_t slot, std::vector<Entry>& entries) const;
  [[nodiscard]] static size_t IndexBytes(const Slots& slots);
  void FreeSlots(const Slots& slots);
  // One half of a nested directory, as the slot that leads to it once its parent has one bit more.
  static uintptr_t Half(Directory& nested, size_t half);

  // An index of `used` bits, moved to the top of 64.
  static uint64_t ToTop(size_t index, int used) {
    return used == 0 ? 0 : static_cast<uint64_t>(index) << (kPlaceBits - used);
  }
  template <typename Visitor>
  bool VisitSlots(const Slots& slots, uint64_t from, uint64_t prefix, const Visitor& visit) const {
    for (size_t i = 0; i < slots.size();) {
      const uintptr_t slot = slots.first[i];
      size_t end = i + 1;
      while (end < slots.size() && slots.first[end] == slot && slot != 0) ++end;
      const uint64_t last = prefix | (ToTop(end, slots.used()) - 1);
      if (slot != 0 && (end == slots.size() || last >= from)) {
        if (IsDirectory(slot)) {
          Directory& nested = *AsDirectory(slot);
          if (!VisitSlots(nested.slots(), from, nested.prefix(), visit)) return false;
        } else if (!visit(slot)) {
          return false;
        }
      }
      i = end;
    }
    return true;
  }

  const hash::KeyPlacer& placer_;
  const WriterTable& writers_;
  Place begin_;
  int prefix_bits_;
  int8_t root_start_ = 0;
  int8_t root_bits_ = 0;
  uint64_t root_prefix_ = 0;                // the bits before root_start_, at the top
  absl::InlinedVector<uintptr_t, 4> root_;  // most tables of a large cluster are small
  uint64_t digest_ = 0;
  size_t size_ = 0;
};

}  // namespace quorate::keyspace
