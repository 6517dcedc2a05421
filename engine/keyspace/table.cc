// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/table.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace quorate::keyspace {

Table::Table(const hash::KeyPlacer& placer, const WriterTable& writers, Place begin,
             int prefix_bits)
    : placer_(placer), writers_(writers), begin_(begin), prefix_bits_(prefix_bits) {
  root_.push_back(0);
}

Table::~Table() { FreeSlots(Root()); }

std::pair<Slots, size_t> Table::Locate(uint64_t bits) const {
  Slots slots = Root();
  size_t index = slots.IndexOf(bits);
  while (IsDirectory(slots.first[index]) && AsDirectory(slots.first[index])->Covers(bits)) {
    slots = AsDirectory(slots.first[index])->slots();
    index = slots.IndexOf(bits);
  }
  return {slots, index};
}

Object* Table::Find(Place place, std::string_view key) const {
  const uintptr_t slot = SlotOf(BitsOf(place));
  if (slot == 0) return nullptr;
  if ((slot & kTagMask) == kOverflowTag) {
    const auto at = AsOverflow(slot)->objects.find(key);
    return at == AsOverflow(slot)->objects.end() ? nullptr : at->second;
  }
  const Bucket& bucket = *AsBucket(slot);
  const uint8_t tag = TagOf(place);
  for (size_t i = 0; i < bucket.count; ++i) {
    if (bucket.tags[i] == tag && bucket.objects[i]->key() == key) return bucket.objects[i];
  }
  return nullptr;
}

absl::InlinedVector<Object*, 1> Table::FindAll(Place place) const {
  absl::InlinedVector<Object*, 1> found;
  const uintptr_t slot = SlotOf(BitsOf(place));
  if (slot == 0) return found;
  if ((slot & kTagMask) == kOverflowTag) {
    for (const auto& [key, object] : AsOverflow(slot)->objects) found.push_back(object);
    return found;
  }
  const Bucket& bucket = *AsBucket(slot);
  const uint8_t tag = TagOf(place);
  for (size_t i = 0; i < bucket.count; ++i) {
    Object* const object = bucket.objects[i];
    if (bucket.tags[i] == tag && placer_(object->key()) == place) found.push_back(object);
  }
  std::sort(found.begin(), found.end(),
            [](const Object* a, const Object* b) { return a->key() < b->key(); });
  return found;
}

void Table::PrefetchObject(Place place) const {
  const uintptr_t slot = SlotOf(BitsOf(place));
  if ((slot & kTagMask) != kBucketTag || slot == 0) return;
  const Bucket& bucket = *AsBucket(slot);
  const uint8_t tag = TagOf(place);
  for (size_t i = 0; i < bucket.count; ++i) {
    if (bucket.tags[i] != tag) continue;
    const char* const object = reinterpret_cast<const char*>(bucket.objects[i]);
    __builtin_prefetch(object);
    __builtin_prefetch(object + kCacheLine);
    __builtin_prefetch(object + kSmallObjectBytes - 1);
  }
}

Table::Bucket* Table::NewBucket(int depth) {
  auto* bucket = new Bucket;
  bucket->depth = static_cast<uint8_t>(depth);
  return bucket;
}

void Table::PutInto(Bucket& bucket, Place place, Object* object, uint64_t digest) {
  bucket.tags[bucket.count] = TagOf(place);
  bucket.objects[bucket.count] = object;
  ++bucket.count;
  bucket.digest += digest;
}

void Table::Insert(Place place, Object* object, uint64_t digest) {
  const uint64_t bits = BitsOf(place);
  ++size_;
  digest_ += digest;
  if (!RootCovers(bits)) WidenRoot(bits);
  while (true) {
    const auto [slots, index] = Locate(bits);
    uintptr_t& slot = slots.first[index];
    if (IsDirectory(slot)) {
      Interpose(slots, index, bits);
      continue;
    }
    if (slot == 0) slot = reinterpret_cast<uintptr_t>(NewBucket(slots.used()));
    if ((slot & kTagMask) == kOverflowTag) {
      AsOverflow(slot)->objects.emplace(object->key(), object);
      AsOverflow(slot)->digest += digest;
      return;
    }
    if (AsBucket(slot)->count < kBucketSlots) {
      return PutInto(*AsBucket(slot), place, object, digest);
    }
    Split(slots, index, bits);
  }
}

void Table::Split(const Slots& slots, size_t index, uint64_t bits) {
  Bucket* full = AsBucket(slots.first[index]);
  if (full->depth == kPlaceBits) return ToOverflow(slots, index);
  if (full->depth == slots.used()) {
    // A flat directory costs one load; a nested one costs less memory where keys are crowded. The
    // root grows while it has no more slots than objects need at a third of a bucket each.
    const bool crowded = root_.size() * (kBucketSlots / 3) > size_ + kBucketSlots;
    if (slots.first == root_.data() && !crowded) {
      if (root_.size() == 1) NarrowRoot(bits);
      return GrowRoot();
    }
    return Nest(slots, index, bits);
  }
  Bucket* halves[2] = {NewBucket(full->depth + 1), NewBucket(full->depth + 1)};
  for (size_t i = 0; i < full->count; ++i) {
    const Place place = placer_(full->objects[i]->key());
    const uint64_t half = BitsOf(place) << full->depth >> (kPlaceBits - 1);
    PutInto(*halves[half], place, full->objects[i], DigestOf(*full->objects[i], writers_));
  }
  const size_t span = size_t{1} << (slots.used() - full->depth);
  const size_t first = index & ~(span - 1);
  for (size_t i = 0; i < span; ++i) {
    slots.first[first + i] = reinterpret_cast<uintptr_t>(halves[i < span / 2 ? 0 : 1]);
  }
  delete full;
}

int Table::SharedBits(const Bucket& bucket, uint64_t bits) const {
  int shared = kPlaceBits - kNestedBits;
  for (size_t i = 0; i < bucket.count; ++i) {
    const uint64_t others = BitsOf(placer_(bucket.objects[i]->key()));
    shared = std::min(shared, std::countl_zero(bits ^ others));
  }
  return shared;
}

void Table::NarrowRoot(uint64_t bits) {
  Bucket& only = *AsBucket(root_.front());
  const int shared = SharedBits(only, bits);
  only.depth = static_cast<uint8_t>(shared);
  root_start_ = static_cast<int8_t>(shared);
  root_prefix_ = Slots::PrefixOf(bits, shared);
}

void Table::WidenRoot(uint64_t bits) {
  Directory* const below = Directory::New(root_start_, root_bits_, root_prefix_, 0);
  std::copy(root_.begin(), root_.end(), below->slots().first);
  const int shared = std::countl_zero(bits ^ root_prefix_);
  root_ = {0, 0};
  root_start_ = static_cast<int8_t>(shared);
  root_bits_ = 1;
  root_[Root().IndexOf(root_prefix_)] = SlotFor(below);
  root_prefix_ = Slots::PrefixOf(bits, shared);
}

void Table::GrowRoot() {
  const int used = Root().used();
  absl::InlinedVector<uintptr_t, 4> grown(root_.size() * 2);
  for (size_t i = 0; i < root_.size(); ++i) {
    const uintptr_t slot = root_[i];
    if (!IsDirectory(slot)) {
      grown[2 * i] = grown[2 * i + 1] = slot;
      continue;
    }
    Directory* const nested = AsDirectory(slot);
    if (nested->start() > used) {
      grown[2 * i + (nested->prefix() << used >> (kPlaceBits - 1))] = slot;
      continue;
    }
    grown[2 * i] = Half(*nested, 0);
    grown[2 * i + 1] = Half(*nested, 1);
    Directory::Delete(nested);
  }
  root_ = std::move(grown);
  ++root_bits_;
}

uintptr_t Table::Half(Directory& nested, size_t half) {
  const Slots slots = nested.slots();
  const size_t size = slots.size() / 2;
  const uintptr_t* const first = slots.first + half * size;
  // One bucket for the whole half needs no directory, and must not be cut in two by the next
  // growth.
  if (std::all_of(first, first + size, [first](uintptr_t slot) { return slot == *first; })) {
    return *first;
  }
  const uint64_t prefix = nested.prefix() | uint64_t{half} << (kPlaceBits - 1 - slots.start);
  Directory* const made = Directory::New(slots.start + 1, slots.bits - 1, prefix, 0);
  std::copy(first, first + size, made->slots().first);
  return SlotFor(made);
}

void Table::Nest(const Slots& slots, size_t index, uint64_t bits) {
  Bucket& full = *AsBucket(slots.first[index]);
  const int start = std::max(SharedBits(full, bits), slots.used());
  full.depth = static_cast<uint8_t>(start);
  // What is not yet told apart may be less than a whole directory.
  slots.first[index] = SlotFor(
      Directory::New(start, std::min(kNestedBits, kPlaceBits - start), bits, slots.first[index]));
}

void Table::Interpose(const Slots& slots, size_t index, uint64_t bits) {
  const Directory& below = *AsDirectory(slots.first[index]);
  const int shared = std::countl_zero(bits ^ below.prefix());
  Directory* const above =
      Directory::New(shared, std::min(kNestedBits, below.start() - shared), bits, 0);
  above->slots().first[above->slots().IndexOf(below.prefix())] = slots.first[index];
  slots.first[index] = SlotFor(above);
}

void Table::ToOverflow(const Slots& slots, size_t index) {
  Bucket* full = AsBucket(slots.first[index]);
  auto* overflow = new Overflow{full->digest, {}};
  for (size_t i = 0; i < full->count; ++i) {
    overflow->objects.emplace(full->objects[i]->key(), full->objects[i]);
  }
  slots.first[index] = reinterpret_cast<uintptr_t>(overflow) | kOverflowTag;
  delete full;
}

void Table::Replace(Place place, const Object* old, Object* object, uint64_t digest_change) {
  const uintptr_t slot = SlotOf(BitsOf(place));
  QUORATE_CHECK(slot != 0);
  digest_ += digest_change;
  if ((slot & kTagMask) == kOverflowTag) {
    Overflow& overflow = *AsOverflow(slot);
    const auto at = overflow.objects.find(object->key());
    QUORATE_CHECK(at != overflow.objects.end() && at->second == old);
    at->second = object;
    overflow.digest += digest_change;
    return;
  }
  Bucket& bucket = *AsBucket(slot);
  bucket.digest += digest_change;
  if (object == old) return;  // changed where it is
  const auto end = bucket.objects.begin() + bucket.count;
  const auto at = std::find(bucket.objects.begin(), end, old);
  QUORATE_CHECK(at != end);
  *at = object;
}

void Table::Erase(Place place, Object* object, uint64_t digest) {
  const uintptr_t slot = SlotOf(BitsOf(place));
  QUORATE_CHECK(slot != 0);
  if ((slot & kTagMask) == kOverflowTag) {
    Overflow& overflow = *AsOverflow(slot);
    const auto at = overflow.objects.find(object->key());
    QUORATE_CHECK(at != overflow.objects.end());
    overflow.objects.erase(at);
    overflow.digest -= digest;
  } else {
    Bucket& bucket = *AsBucket(slot);
    const auto end = bucket.objects.begin() + bucket.count;
    const auto at = std::find(bucket.objects.begin(), end, object);
    QUORATE_CHECK(at != end);
    const auto hole = static_cast<size_t>(at - bucket.objects.begin());
    --bucket.count;
    bucket.objects[hole] = bucket.objects[bucket.count];
    bucket.tags[hole] = bucket.tags[bucket.count];
    bucket.digest -= digest;
  }
  --size_;
  digest_ -= digest;
  Object::Destroy(object);
}

void Table::Collect(uintptr_t slot, std::vector<Entry>& entries) const {
  entries.clear();
  const auto add = [&](Object* object) { entries.push_back({placer_(object->key()), object}); };
  if ((slot & kTagMask) == kOverflowTag) {
    for (const auto& [key, object] : AsOverflow(slot)->objects) add(object);
  } else {
    const Bucket& bucket = *AsBucket(slot);
    for (size_t i = 0; i < bucket.count; ++i) add(bucket.objects[i]);
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.place != b.place ? a.place < b.place : a.object->key() < b.object->key();
  });
}

size_t Table::IndexBytes(const Slots& slots) {
  size_t bytes = slots.size() * sizeof(uintptr_t);
  for (size_t i = 0; i < slots.size(); ++i) {
    const uintptr_t slot = slots.first[i];
    if (slot == 0 || (i > 0 && slots.first[i - 1] == slot)) continue;
    if (IsDirectory(slot)) {
      bytes += sizeof(Directory) + IndexBytes(AsDirectory(slot)->slots());
    } else if ((slot & kTagMask) == kOverflowTag) {
      bytes += sizeof(Overflow) + AsOverflow(slot)->objects.size() * sizeof(Object*);
    } else {
      bytes += sizeof(Bucket);
    }
  }
  return bytes;
}

void Table::FreeSlots(const Slots& slots) {
  for (size_t i = 0; i < slots.size(); ++i) {
    const uintptr_t slot = slots.first[i];
    if (slot == 0 || (i > 0 && slots.first[i - 1] == slot)) continue;
    if (IsDirectory(slot)) {
      FreeSlots(AsDirectory(slot)->slots());
      Directory::Delete(AsDirectory(slot));
    } else if ((slot & kTagMask) == kOverflowTag) {
      for (auto& [key, object] : AsOverflow(slot)->objects) Object::Destroy(object);
      delete AsOverflow(slot);
    } else {
      Bucket& bucket = *AsBucket(slot);
      for (size_t j = 0; j < bucket.count; ++j) Object::Destroy(bucket.objects[j]);
      delete &bucket;
    }
  }
}

}  // namespace quorate::keyspace
