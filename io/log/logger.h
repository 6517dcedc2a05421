// SPDX-License-Identifier: Apache-2.0
// The log of a process: whole lines to one descriptor, from any thread. The level may change while
// it runs; below the level a call costs one atomic load.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "engine/env/observer.h"
#include "io/log/log_line.h"
#include "io/log/rate_limit.h"
#include "io/reactor/mutex.h"

namespace quorate::io {

enum class LogStyle : uint8_t { kText, kJson };

class Logger {
 public:
  // Takes a whole line with its line end. Called under the logger's lock.
  using Sink = std::function<void(std::string_view line)>;

  // Writes to standard error.
  Logger(LogStyle style, env::LogLevel level);
  Logger(LogStyle style, env::LogLevel level, Sink sink);
  Logger(LogStyle style, env::LogLevel level, Sink sink, std::function<Clocks()> clocks);

  void Log(env::LogLevel level, std::string_view source, std::string_view text);

  void SetLevel(env::LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  [[nodiscard]] env::LogLevel level() const { return level_.load(std::memory_order_relaxed); }
  // Messages that the rate limit kept back so far.
  [[nodiscard]] uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void Write(const LogEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReportDropped(uint64_t count, WallTime time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const LogStyle style_;
  const Sink sink_;
  const std::function<Clocks()> clocks_;
  std::atomic<env::LogLevel> level_;
  std::atomic<uint64_t> dropped_{0};
  Mutex mutex_;
  RateLimit limit_ ABSL_GUARDED_BY(mutex_);
  Instant swept_ ABSL_GUARDED_BY(mutex_){};
};

// The door of the engine to the log, for one shard or another part of the node. `logger` outlives
// it.
class LogObserver final : public env::Observer {
 public:
  LogObserver(Logger& logger, std::string source) : logger_(logger), source_(std::move(source)) {}
  void Log(env::LogLevel level, std::string_view text) override {
    logger_.Log(level, source_, text);
  }

 private:
  Logger& logger_;
  const std::string source_;
};

}  // namespace quorate::io
