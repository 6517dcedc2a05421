// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/base/time.h"
#include "io/reactor/kernel.h"

namespace quorate::io {

// TCP keep-alive of a socket as Redis sets it: the first probe after the interval, then three more
// within another one. 0: none. A socket that cannot have it goes without.
void SetKeepAlive(Kernel& kernel, int fd, Duration interval);

}  // namespace quorate::io
