// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/table.h"

#include <algorithm>

#include "engine/base/check.h"

namespace quorate::keyspace {

Table::Table(const hash::KeyPlacer& placer, const WriterTable& writers, Place begin,
             int prefix_bits)
    : placer_(placer), writers_(writers), begin_(begin), prefix_bits_(prefix_bits) {
  root_.slots.push_back(0);
}

Table::~Table() { FreeSlots(root_); }

std::pair<Table::Directory*, size_t> Table::Locate(uint64_t bits) const {
  const Directory* directory = &root_;
  size_t index = IndexIn(*directory, bits);
  while ((directory->slots[index] & kTagMask) == kDirectoryTag) {
    directory = AsDirectory(directory->slots[index]);
    index = IndexIn(*directory, bits);
  }
  return {const_cast<Directory*>(directory), index};
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
  while (true) {
    const auto [directory, index] = Locate(bits);
    uintptr_t& slot = directory->slots[index];
    if (slot == 0) {
      Bucket* bucket = NewBucket(directory->start + directory->bits);
      slot = reinterpret_cast<uintptr_t>(bucket);
    }
    if ((slot & kTagMask) == kOverflowTag) {
      AsOverflow(slot)->objects.emplace(object->key(), object);
      AsOverflow(slot)->digest += digest;
      return;
    }
    if (AsBucket(slot)->count < kBucketSlots) {
      return PutInto(*AsBucket(slot), place, object, digest);
    }
    Split(*directory, index, bits);
  }
}

void Table::Split(Directory& directory, size_t index, uint64_t bits) {
  Bucket* full = AsBucket(directory.slots[index]);
  const int used = directory.start + directory.bits;
  if (full->depth == kPlaceBits) return ToOverflow(directory, index);
  if (full->depth == used) {
    // A flat directory costs one load; a nested one costs less memory where keys are crowded. The
    // root grows while it has no more slots than objects need at a third of a bucket each.
    const bool crowded = directory.slots.size() * (kBucketSlots / 3) > size_ + kBucketSlots;
    if (&directory == &root_ && !crowded) return Grow(directory);
    return Nest(directory, index);
  }
  Bucket* halves[2] = {NewBucket(full->depth + 1), NewBucket(full->depth + 1)};
  for (size_t i = 0; i < full->count; ++i) {
    const Place place = placer_(full->objects[i]->key());
    const uint64_t half = BitsOf(place) << full->depth >> (kPlaceBits - 1);
    PutInto(*halves[half], place, full->objects[i], DigestOf(*full->objects[i], writers_));
  }
  const size_t span = size_t{1} << (used - full->depth);
  const size_t first = IndexIn(directory, bits) & ~(span - 1);
  for (size_t i = 0; i < span; ++i) {
    directory.slots[first + i] = reinterpret_cast<uintptr_t>(halves[i < span / 2 ? 0 : 1]);
  }
  delete full;
}

void Table::Grow(Directory& directory) {
  absl::InlinedVector<uintptr_t, 4> grown(directory.slots.size() * 2);
  for (size_t i = 0; i < directory.slots.size(); ++i) {
    const uintptr_t slot = directory.slots[i];
    if ((slot & kTagMask) == kDirectoryTag) {
      grown[2 * i] = Half(*AsDirectory(slot), 0);
      grown[2 * i + 1] = Half(*AsDirectory(slot), 1);
      delete AsDirectory(slot);
    } else {
      grown[2 * i] = grown[2 * i + 1] = slot;
    }
  }
  directory.slots = std::move(grown);
  ++directory.bits;
}

uintptr_t Table::Half(const Directory& nested, size_t half) {
  const size_t size = nested.slots.size() / 2;
  const auto first = nested.slots.begin() + static_cast<std::ptrdiff_t>(half * size);
  // One bucket for the whole half needs no directory, and must not be cut in two by the next
  // growth.
  if (std::all_of(first, first + static_cast<std::ptrdiff_t>(size),
                  [first](uintptr_t slot) { return slot == *first; })) {
    return *first;
  }
  auto* directory = new Directory{nested.start + 1, nested.bits - 1, {}};
  directory->slots.assign(first, first + static_cast<std::ptrdiff_t>(size));
  return reinterpret_cast<uintptr_t>(directory) | kDirectoryTag;
}

void Table::Nest(Directory& directory, size_t index) {
  const int start = directory.start + directory.bits;
  auto* nested = new Directory{start, std::min(kNestedBits, kPlaceBits - start), {}};
  nested->slots.assign(size_t{1} << nested->bits, directory.slots[index]);
  directory.slots[index] = reinterpret_cast<uintptr_t>(nested) | kDirectoryTag;
}

void Table::ToOverflow(Directory& directory, size_t index) {
  Bucket* full = AsBucket(directory.slots[index]);
  auto* overflow = new Overflow{full->digest, {}};
  for (size_t i = 0; i < full->count; ++i) {
    overflow->objects.emplace(full->objects[i]->key(), full->objects[i]);
  }
  directory.slots[index] = reinterpret_cast<uintptr_t>(overflow) | kOverflowTag;
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

size_t Table::IndexBytes(const Directory& directory) {
  size_t bytes = directory.slots.size() * sizeof(uintptr_t);
  for (size_t i = 0; i < directory.slots.size(); ++i) {
    const uintptr_t slot = directory.slots[i];
    if (slot == 0 || (i > 0 && directory.slots[i - 1] == slot)) continue;
    if ((slot & kTagMask) == kDirectoryTag) {
      bytes += sizeof(Directory) + IndexBytes(*AsDirectory(slot));
    } else if ((slot & kTagMask) == kOverflowTag) {
      bytes += sizeof(Overflow) + AsOverflow(slot)->objects.size() * sizeof(Object*);
    } else {
      bytes += sizeof(Bucket);
    }
  }
  return bytes;
}

void Table::FreeSlots(Directory& directory) {
  for (size_t i = 0; i < directory.slots.size(); ++i) {
    const uintptr_t slot = directory.slots[i];
    if (slot == 0 || (i > 0 && directory.slots[i - 1] == slot)) continue;
    if ((slot & kTagMask) == kDirectoryTag) {
      FreeSlots(*AsDirectory(slot));
      delete AsDirectory(slot);
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
