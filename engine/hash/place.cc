// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/place.h"

#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::hash {
namespace {

// Other than the seed of the default hash, so that a filling never repeats a token. Frozen: places
// are stored.
constexpr uint64_t kFillSeed = 0x71756f7261746501;

}  // namespace

Place PlaceOf(Token token, int width_bits, std::string_view key) {
  if (width_bits == 64) return Place{token.value};
  return Place{token.value | Digest(key, kFillSeed) >> width_bits};
}

Place KeyPlacer::operator()(std::string_view key) const {
  const std::string_view part = HashedPart(key, tag);
  const bool tagged = part.size() != key.size();
  if (hash == KeyHash::kXxh3 && !tagged) return Place{Digest(key, 0)};
  Token token = HashKey(hash, part);
  int width_bits = WidthBits(hash);
  if (tagged && width_bits > kTagBits) {
    width_bits = kTagBits;
    token.value &= ~(~uint64_t{0} >> kTagBits);
  }
  return PlaceOf(token, width_bits, key);
}

Place PartitionBegin(PartitionId partition, uint16_t partitions) {
  QUORATE_CHECK(partition.value < partitions);
  __extension__ using Wide = unsigned __int128;
  // The smallest p with p * partitions >= partition * 2^64.
  const Wide scaled = static_cast<Wide>(partition.value) << 64;
  return Place{static_cast<uint64_t>((scaled + partitions - 1) / partitions)};
}

Place PartitionLast(PartitionId partition, uint16_t partitions) {
  QUORATE_CHECK(partition.value < partitions);
  if (partition.value + 1 == partitions) return Place{~uint64_t{0}};
  const PartitionId next{static_cast<uint16_t>(partition.value + 1)};
  return Place{PartitionBegin(next, partitions).value - 1};
}

}  // namespace quorate::hash
