// SPDX-License-Identifier: Apache-2.0
#include "sim/core/key_index.h"

#include <algorithm>
#include <numeric>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "sim/core/limits.h"

namespace quorate::sim {
namespace {

uint64_t HashOf(std::string_view key) { return hash::Digest(key, kKeyIndexSeed); }

uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

}  // namespace

size_t KeyIndex::Locate(std::string_view key, uint64_t hash) const {
  size_t at = static_cast<size_t>(hash) & (slots_.size() - 1);
  while (slots_[at].number != kFree &&
         (slots_[at].tag != TagOf(hash) || keys_[slots_[at].number] != key)) {
    at = (at + 1) & (slots_.size() - 1);
  }
  return at;
}

uint32_t KeyIndex::Add(std::string_view key) {
  if ((keys_.size() + 1) * 4 > slots_.size() * 3) Grow();
  const uint64_t hash = HashOf(key);
  Slot& slot = slots_[Locate(key, hash)];
  if (slot.number == kFree) {
    QUORATE_CHECK(keys_.size() < kFree);
    slot = {static_cast<uint32_t>(keys_.size()), TagOf(hash)};
    keys_.emplace_back(key);
  }
  return slot.number;
}

std::optional<uint32_t> KeyIndex::Find(std::string_view key) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[Locate(key, HashOf(key))];
  if (slot.number == kFree) return std::nullopt;
  return slot.number;
}

std::vector<uint32_t> KeyIndex::InOrder() const {
  std::vector<uint32_t> numbers(keys_.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  std::sort(numbers.begin(), numbers.end(),
            [this](uint32_t a, uint32_t b) { return keys_[a] < keys_[b]; });
  return numbers;
}

void KeyIndex::Grow() {
  slots_.assign(std::max(kKeyIndexInitial, slots_.size() * 2), {});
  for (uint32_t number = 0; number < keys_.size(); ++number) {
    const uint64_t hash = HashOf(keys_[number]);
    slots_[Locate(keys_[number], hash)] = {number, TagOf(hash)};
  }
}

}  // namespace quorate::sim
