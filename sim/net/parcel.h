// SPDX-License-Identifier: Apache-2.0
// What the network knows of a message that it carries: enough for faults that choose by kind, and
// for links on which size matters.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/wire/message.h"

namespace quorate::sim {

struct Parcel {
  uint32_t kind = 0;   // the index of its body
  size_t bytes = 100;  // about what its frame takes
};

[[nodiscard]] Parcel ParcelOf(const wire::Message& message);

}  // namespace quorate::sim
