// SPDX-License-Identifier: Apache-2.0
// What a client asks of a key that nobody else uses: whatever commands of one key there are whose
// answer depends on what was asked of the key before, and neither on the time nor on chance.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/random.h"

namespace quorate::sim {

enum class LoneType : uint8_t { kString, kHash };

// `usual`: of most commands; some expect the other type. `value`: for where a text is written.
[[nodiscard]] std::vector<Bytes> LoneCommand(Prng& prng, LoneType usual, Bytes key, Bytes value);

}  // namespace quorate::sim
