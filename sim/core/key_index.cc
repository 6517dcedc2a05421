// SPDX-License-Identifier: Apache-2.0
#include "sim/core/key_index.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "sim/core/limits.h"

namespace quorate::sim {
namespace {

uint64_t HashOf(std::string_view key) { return hash::Digest(key, kKeyIndexSeed); }

// The bytes of `key` from `begin` on as a number that is in their order; none count as zeros.
template <typename Number>
Number NumberOf(std::string_view key, size_t begin) {
  std::array<char, sizeof(Number)> bytes{};
  if (begin < key.size()) key.substr(begin).copy(bytes.data(), bytes.size());
  Number number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

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

const std::vector<uint32_t>& KeyIndex::InOrder() const {
  if (in_order_.size() == keys_.size()) return in_order_;
  // The keys themselves lie anywhere: most are told apart by their beginnings, which stand beside
  // their numbers.
  struct Entry {
    uint64_t first = 0;
    uint32_t then = 0;
    uint32_t number = 0;
  };
  static_assert(sizeof(Entry) == 16);
  std::vector<Entry> entries;
  entries.reserve(keys_.size());
  for (uint32_t number = 0; number < keys_.size(); ++number) {
    const Bytes& key = keys_[number];
    entries.push_back(
        {NumberOf<uint64_t>(key, 0), NumberOf<uint32_t>(key, sizeof(uint64_t)), number});
  }
  std::sort(entries.begin(), entries.end(), [this](const Entry& a, const Entry& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.then != b.then) return a.then < b.then;
    return keys_[a.number] < keys_[b.number];
  });
  in_order_.clear();
  in_order_.reserve(entries.size());
  for (const Entry& entry : entries) in_order_.push_back(entry.number);
  return in_order_;
}

}  // namespace quorate::sim
