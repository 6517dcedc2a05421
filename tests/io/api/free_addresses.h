// SPDX-License-Identifier: Apache-2.0
// Addresses on loopback that nobody listens on, for seats, which must know their ports beforehand.
#pragma once

#include <unistd.h>

#include <string>
#include <vector>

#include "io/http/listener.h"

namespace quorate {

// Of ports below those that the kernel gives to whoever asks for any, which would be taken again
// before the seat listens. Processes that run side by side begin at different places.
inline std::vector<std::string> FreeAddresses(size_t count) {
  constexpr unsigned kFirst = 10'000;
  constexpr unsigned kSpan = 20'000;
  static unsigned next = static_cast<unsigned>(::getpid()) * 97;
  io::LinuxKernel kernel;
  std::vector<std::string> addresses;
  for (unsigned tries = 0; addresses.size() < count && tries < kSpan; ++tries) {
    const std::string address = "127.0.0.1:" + std::to_string(kFirst + next++ % kSpan);
    if (io::ListenHttp(kernel, address).ok()) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace quorate
