// SPDX-License-Identifier: Apache-2.0
// Places: where keys live, whatever the width of the pool's hash. The token is on top; the bits
// below a narrow one are filled from a 64-bit hash, so that keys spread inside a token and every
// structure that is ordered by place can be cut anywhere. For a hash of 64 bits the place is the
// token.
//
// The filling is of the whole key, so that a million keys of one tag have a million places. The tag
// decides the upper 32 bits at most: no partition is narrower, so a tag's keys are in one.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/hash/hash_tag.h"
#include "engine/hash/key_hash.h"

namespace quorate::hash {

// Of a tagged key the tag's token decides this many bits at most.
inline constexpr int kTagBits = 32;

// Requires: only the upper `width_bits` of `token` are used.
[[nodiscard]] Place PlaceOf(Token token, int width_bits, std::string_view key);

// From a key to its place, by a pool's rules. One XXH3 call where the hash is the default.
struct KeyPlacer {
  KeyHash hash = KeyHash::kXxh3;
  HashTag tag;
  [[nodiscard]] Place operator()(std::string_view key) const;
};

// The slice of the 64-bit space that `place` falls in, of `partitions` equal ones (they differ by
// one place at most). Requires: partitions > 0.
[[nodiscard]] inline PartitionId PartitionOf(Place place, uint16_t partitions) {
  __extension__ using Wide = unsigned __int128;
  return PartitionId{static_cast<uint16_t>((static_cast<Wide>(place.value) * partitions) >> 64)};
}

// The smallest place of a partition. Requires: partition.value < partitions.
[[nodiscard]] Place PartitionBegin(PartitionId partition, uint16_t partitions);
// The largest place of a partition. Requires: partition.value < partitions.
[[nodiscard]] Place PartitionLast(PartitionId partition, uint16_t partitions);

}  // namespace quorate::hash
