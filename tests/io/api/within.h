// SPDX-License-Identifier: Apache-2.0
// Waits for what other threads do.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace quorate {

// Whether it came true in time.
inline bool Within(std::chrono::milliseconds patience, const std::function<bool()>& is_true) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace quorate
