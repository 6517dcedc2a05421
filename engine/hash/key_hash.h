// SPDX-License-Identifier: Apache-2.0
// The functions that turn a key into a position on a ring: Dynomite's thirteen, kept true to what
// its C code computes on x86-64, two more that its users may meet, and our own default. README.md
// has the table of widths and quirks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/status.h"

namespace quorate::hash {

// The numbers are stored in topologies and never change.
enum class KeyHash : uint8_t {
  kXxh3 = 0,  // XXH3, 64 bits: the default
  kOneAtATime = 1,
  kMd5 = 2,
  kCrc16 = 3,
  kCrc32 = 4,
  kCrc32a = 5,
  kFnv1_64 = 6,
  kFnv1a_64 = 7,
  kFnv1_32 = 8,
  kFnv1a_32 = 9,
  kHsieh = 10,
  kMurmur = 11,  // Dynomite's default
  kJenkins = 12,
  kMurmur3 = 13,
  kMurmur3X64_64 = 14,
  kCrc16Slots = 15,  // the slot of Redis Cluster
};
inline constexpr int kKeyHashes = 16;

// How many bits a value of the hash has: 1 to 64.
[[nodiscard]] int WidthBits(KeyHash hash);

// The number itself, below 2^WidthBits. Defined for every byte string, the empty one included.
[[nodiscard]] uint64_t RawHash(KeyHash hash, std::string_view key);

// The same number scaled to the top of 64 bits, so that hashes of any width share one ring.
[[nodiscard]] Token HashKey(KeyHash hash, std::string_view key);

[[nodiscard]] std::string_view NameOf(KeyHash hash);
// InvalidArgument, with the valid names, for any other text.
[[nodiscard]] absl::StatusOr<KeyHash> ParseKeyHash(std::string_view name);
// The hash with this stored number; InvalidArgument where there is none.
[[nodiscard]] absl::StatusOr<KeyHash> KeyHashFromNumber(uint8_t number);

// One sentence for the operator where the hash cannot be trusted to spread keys over a ring, else
// empty.
[[nodiscard]] std::string SpreadWarning(KeyHash hash);

}  // namespace quorate::hash
