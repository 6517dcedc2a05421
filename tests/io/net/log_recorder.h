// SPDX-License-Identifier: Apache-2.0
// Keeps what was logged, for tests. Thread-safe.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/env/observer.h"
#include "io/reactor/mutex.h"

namespace quorate::io {

class LogRecorder final : public env::Observer {
 public:
  void Log(env::LogLevel, std::string_view text) override {
    MutexLock lock(mutex_);
    lines_.emplace_back(text);
  }
  [[nodiscard]] bool Has(std::string_view part) const {
    MutexLock lock(mutex_);
    return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }
  [[nodiscard]] std::string text() const {
    MutexLock lock(mutex_);
    std::string all;
    for (const std::string& line : lines_) all += line + "\n";
    return all;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorate::io
