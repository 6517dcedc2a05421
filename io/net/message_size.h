// SPDX-License-Identifier: Apache-2.0
// About how many bytes a message takes on a link: for limits, which count before anything is
// encoded.
#pragma once

#include <cstddef>

#include "engine/wire/message.h"

namespace quorate::io {

[[nodiscard]] size_t MessageBytes(const wire::Message& message);

}  // namespace quorate::io
