// SPDX-License-Identifier: Apache-2.0
#include "sim/core/key_index.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "sim/core/limits.h"

namespace quorate::sim {
namespace {

constexpr size_t kPrefixBytes = 12;  // with the number 16 bytes

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

void KeyIndex::FetchAhead(std::string_view key) const { numbers_.FetchAhead(HashOf(key)); }

std::vector<uint32_t> KeyIndex::InOrder() const {
  // The keys themselves lie anywhere: most are told apart by what stands beside their number.
  struct Entry {
    std::array<unsigned char, kPrefixBytes> prefix{};
    uint32_t number = 0;
  };
  std::vector<Entry> entries(keys_.size());
  for (uint32_t number = 0; number < entries.size(); ++number) {
    Entry& entry = entries[number];
    entry.number = number;
    keys_[number].copy(reinterpret_cast<char*>(entry.prefix.data()), entry.prefix.size());
  }
  std::sort(entries.begin(), entries.end(), [this](const Entry& a, const Entry& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return keys_[a.number] < keys_[b.number];
  });
  std::vector<uint32_t> numbers;
  numbers.reserve(entries.size());
  for (const Entry& entry : entries) numbers.push_back(entry.number);
  return numbers;
}

}  // namespace quorate::sim
