// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace quorate::hash {

uint64_t Digest(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace quorate::hash
