// SPDX-License-Identifier: Apache-2.0
// A listening TCP socket.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "io/reactor/kernel.h"

namespace quorate::io {

struct HttpListener {
  FileDescriptor fd;    // non-blocking
  std::string address;  // host:port, with the port that the kernel chose for 0
};

// Unavailable, naming the address, where it cannot be bound.
[[nodiscard]] absl::StatusOr<HttpListener> ListenHttp(Kernel& kernel, const std::string& address);

}  // namespace quorate::io
