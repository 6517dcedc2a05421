// SPDX-License-Identifier: Apache-2.0
// A hash of a message's fields, for the run's hash and its trace. Equal messages have equal hashes;
// it depends on nothing but the values.
#pragma once

#include <cstdint>

#include "engine/wire/message.h"

namespace quorate::sim {

[[nodiscard]] uint64_t HashOf(const wire::Message& message);

}  // namespace quorate::sim
