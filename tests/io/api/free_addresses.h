// SPDX-License-Identifier: Apache-2.0
// Addresses on loopback that nobody listens on, for seats, which must know their ports beforehand.
#pragma once

#include <string>
#include <vector>

#include "io/http/listener.h"

namespace quorate {

inline std::vector<std::string> FreeAddresses(size_t count) {
  io::LinuxKernel kernel;
  // All are held until the last is found, so that they differ.
  std::vector<io::HttpListener> held;
  std::vector<std::string> addresses;
  for (size_t i = 0; i < count; ++i) {
    held.push_back(*io::ListenHttp(kernel, "127.0.0.1:0"));
    addresses.push_back(held.back().address);
  }
  return addresses;
}

}  // namespace quorate
