// SPDX-License-Identifier: Apache-2.0
// What a key holds as one string, in the form of Redis's DUMP and RESTORE, so that values move
// between a node and a Redis in both directions:
//   1 byte    type: 0 string, 4 hash; read are also 13 and 16, hashes packed into one string
//   ...       the value
//   2 bytes   version of the form, the lowest byte first
//   8 bytes   checksum of all before it, likewise (payload_checksum.h)
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/codec.h"
#include "engine/keyspace/object_view.h"

namespace quorate::commands {

// Requires: the object exists. Its deadline is not part of it.
[[nodiscard]] Bytes DumpPayload(const keyspace::ObjectView& object);

// The type and the value, with what ends a payload.
[[nodiscard]] Bytes SealPayload(Bytes body);

struct PayloadValue {
  keyspace::ObjectType type = keyspace::ObjectType::kString;
  Bytes text;
  std::vector<std::pair<Bytes, Bytes>> fields;  // sorted by name, each name once
};

// Whether version and checksum are right.
[[nodiscard]] bool PayloadIsWhole(std::string_view payload);
// Nothing where the value is malformed or of a type that is not known here. Requires:
// PayloadIsWhole.
[[nodiscard]] std::optional<PayloadValue> ParsePayload(std::string_view payload);

}  // namespace quorate::commands
