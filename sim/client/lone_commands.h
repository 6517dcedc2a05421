// SPDX-License-Identifier: Apache-2.0
// What a client asks of a key that nobody else uses: whatever commands of one key there are whose
// answer depends on what was asked of the key before, and not on chance. Deadlines have passed when
// they are set, or are decades ahead.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/random.h"

namespace quorate::sim {

// Deadlines ahead that a command names are at this time or later, in milliseconds since the epoch;
// such as count from the moment at which it is executed are years earlier.
inline constexpr int64_t kNamedDeadlinesMs = 4'102'444'800'000;  // the year 2100

enum class LoneType : uint8_t { kString, kHash };

// `usual`: of most commands; some expect the other type. `value`: for where a text is written.
[[nodiscard]] std::vector<Bytes> LoneCommand(Prng& prng, LoneType usual, Bytes key, Bytes value);

}  // namespace quorate::sim
