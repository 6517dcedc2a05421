// SPDX-License-Identifier: Apache-2.0
// True randomness, for what must differ between nodes and starts.
#pragma once

#include <cstdint>

#include "engine/base/status.h"

namespace quorate::api {

// Never 0. Internal where the kernel gives none.
[[nodiscard]] absl::StatusOr<uint64_t> RandomBits();

}  // namespace quorate::api
