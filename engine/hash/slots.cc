// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/slots.h"

#include "engine/hash/hash_tag.h"
#include "engine/hash/key_hash.h"

namespace quorate::hash {

uint16_t KeySlot(std::string_view key) {
  return static_cast<uint16_t>(
      RawHash(KeyHash::kCrc16Slots, HashedPart(key, HashTag::RedisCluster())));
}

}  // namespace quorate::hash
