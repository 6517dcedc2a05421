// SPDX-License-Identifier: Apache-2.0
// The keys that clients use. Each belongs to a class that says which commands it sees, so that what
// a key holds can be reasoned about: a key is never a string today and a hash tomorrow.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"

namespace quorate::sim {

enum class KeyClass : uint8_t {
  kString,    // registers
  kCounter,   // INCR and its kin
  kHash,      // fields that are registers, and fields that are counters
  kExpiring,  // strings that may have a deadline
  kMoved,     // strings that are taken from key to key; so few that what is moved is often there
  kJoint,     // strings that are written and taken away several at once; so few that they meet
  kBits,      // strings of which some are made of the others
  kLone,      // what one client alone does to them, by whatever commands
};
inline constexpr size_t kKeyClasses = 8;
// The first of them, of which there are as many keys as a workload says, and which filling writes.
inline constexpr size_t kFilledClasses = 4;
inline constexpr uint32_t kMovedKeys = 6;
inline constexpr uint32_t kJointKeys = 6;
// The first of them are what the rest is made of.
inline constexpr uint32_t kBitKeys = 7;
inline constexpr uint32_t kBitSources = 4;
// Of each of so many clients; others share them, and are not alone.
inline constexpr uint32_t kLoneKeysEach = 8;
inline constexpr uint32_t kLoneClients = 32;

struct KeyRef {
  KeyClass key_class = KeyClass::kString;
  uint32_t index = 0;
  friend auto operator<=>(const KeyRef&, const KeyRef&) = default;
};

[[nodiscard]] Bytes NameOf(KeyRef key);
// The key of this name, if it is one of these keys'.
[[nodiscard]] std::optional<KeyRef> ParseKey(std::string_view name);
// The command that reads all of a key.
[[nodiscard]] std::vector<Bytes> ReadCommand(KeyRef key);

// Which keys may ever have been written.
class WrittenKeys {
 public:
  explicit WrittenKeys(uint32_t keys_per_class) {
    for (std::vector<bool>& keys : written_) keys.resize(keys_per_class);
    written_[static_cast<size_t>(KeyClass::kMoved)].resize(kMovedKeys);
    written_[static_cast<size_t>(KeyClass::kJoint)].resize(kJointKeys);
    written_[static_cast<size_t>(KeyClass::kBits)].resize(kBitKeys);
    written_[static_cast<size_t>(KeyClass::kLone)].resize(kLoneClients * kLoneKeysEach);
  }
  // Of another index than these keys have, it is not one of them.
  void Add(KeyRef key) {
    std::vector<bool>& keys = written_[static_cast<size_t>(key.key_class)];
    if (key.index < keys.size()) keys[key.index] = true;
  }
  // By class and index.
  [[nodiscard]] std::vector<KeyRef> List() const;

 private:
  std::array<std::vector<bool>, kKeyClasses> written_;
};

}  // namespace quorate::sim
