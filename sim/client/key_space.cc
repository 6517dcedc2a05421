// SPDX-License-Identifier: Apache-2.0
#include "sim/client/key_space.h"

#include <charconv>
#include <string>

namespace quorate::sim {
namespace {

constexpr std::array<std::string_view, kKeyClasses> kPrefixes = {
    "string:", "counter:", "hash:", "expiring:", "moved:", "joint:", "bits:", "lone:"};

}  // namespace

Bytes NameOf(KeyRef key) {
  Bytes name(kPrefixes[static_cast<size_t>(key.key_class)]);
  name += std::to_string(key.index);
  return name;
}

std::optional<KeyRef> ParseKey(std::string_view name) {
  for (size_t i = 0; i < kKeyClasses; ++i) {
    if (!name.starts_with(kPrefixes[i])) continue;
    const std::string_view digits = name.substr(kPrefixes[i].size());
    KeyRef key{static_cast<KeyClass>(i), 0};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), key.index);
    if (error == std::errc() && end == digits.data() + digits.size()) return key;
  }
  return std::nullopt;
}

std::vector<Bytes> ReadCommand(KeyRef key) {
  // A lone key may be of any type.
  if (key.key_class == KeyClass::kLone) return {"DUMP", NameOf(key)};
  return {key.key_class == KeyClass::kHash ? "HGETALL" : "GET", NameOf(key)};
}

std::vector<KeyRef> WrittenKeys::List() const {
  std::vector<KeyRef> keys;
  for (size_t key_class = 0; key_class < kKeyClasses; ++key_class) {
    for (uint32_t i = 0; i < written_[key_class].size(); ++i) {
      if (written_[key_class][i]) keys.push_back({static_cast<KeyClass>(key_class), i});
    }
  }
  return keys;
}

}  // namespace quorate::sim
