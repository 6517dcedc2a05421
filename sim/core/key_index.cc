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

}  // namespace

uint32_t KeyIndex::Add(std::string_view key) {
  const uint64_t hash = HashOf(key);
  const auto is = [&](uint32_t number) { return keys_[number] == key; };
  if (const uint32_t* const number = numbers_.Find(hash, is)) return *number;
  QUORATE_CHECK(keys_.size() < UINT32_MAX);
  keys_.emplace_back(key);
  return numbers_.Add(hash, static_cast<uint32_t>(keys_.size() - 1));
}

std::optional<uint32_t> KeyIndex::Find(std::string_view key) const {
  const uint32_t* const number =
      numbers_.Find(HashOf(key), [&](uint32_t other) { return keys_[other] == key; });
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::vector<uint32_t> KeyIndex::InOrder() const {
  std::vector<uint32_t> numbers(keys_.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  std::sort(numbers.begin(), numbers.end(),
            [this](uint32_t a, uint32_t b) { return keys_[a] < keys_[b]; });
  return numbers;
}

}  // namespace quorate::sim
