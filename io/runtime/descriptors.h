// SPDX-License-Identifier: Apache-2.0
// File descriptors of the whole process.
#pragma once

#include <cstddef>

#include "engine/env/observer.h"

namespace quorate::io {

// Raises the process's soft limit to `wanted` where it is lower, as far as the hard limit goes, and
// says so where that is not enough.
void RaiseDescriptorLimit(size_t wanted, env::Observer& observer);

}  // namespace quorate::io
