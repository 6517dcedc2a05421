// SPDX-License-Identifier: Apache-2.0
// A hash of a message's fields, for the hash of a run and the ladder of a recording. Equal messages
// have equal hashes; it depends on nothing but the values.
#pragma once

#include <cstdint>

#include "engine/wire/message.h"

namespace quorate::wire {

[[nodiscard]] uint64_t HashOf(const Message& message);

}  // namespace quorate::wire
