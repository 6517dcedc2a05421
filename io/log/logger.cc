// SPDX-License-Identifier: Apache-2.0
#include "io/log/logger.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "engine/base/status.h"
#include "io/log/limits.h"

namespace quorate::io {
namespace {

void WriteToStandardError(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is left to be told
    line.remove_prefix(static_cast<size_t>(written));
  }
}

Clocks ReadClocks() {
  using std::chrono::duration_cast;
  const auto monotonic = std::chrono::steady_clock::now().time_since_epoch();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {Instant(duration_cast<Duration>(monotonic)),
          WallTime{duration_cast<std::chrono::milliseconds>(wall).count()}};
}

}  // namespace

Logger::Logger(LogStyle style, env::LogLevel level) : Logger(style, level, WriteToStandardError) {}

Logger::Logger(LogStyle style, env::LogLevel level, Sink sink)
    : Logger(style, level, std::move(sink), ReadClocks) {}

Logger::Logger(LogStyle style, env::LogLevel level, Sink sink, std::function<Clocks()> clocks)
    : style_(style), sink_(std::move(sink)), clocks_(std::move(clocks)), level_(level) {}

void Logger::Log(env::LogLevel level, std::string_view source, std::string_view text) {
  if (level < this->level()) return;
  const MutexLock lock(mutex_);
  const Clocks now = clocks_();
  if (now.monotonic - swept_ >= kLogPeriod) {
    swept_ = now.monotonic;
    ReportDropped(limit_.TakeStale(now.monotonic), now.wall);
  }
  const RateLimit::Verdict verdict = limit_.Count(source, text, now.monotonic);
  ReportDropped(verdict.dropped, now.wall);
  if (verdict.write) {
    Write({now.wall, level, source, text});
  } else {
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

void Logger::Write(const LogEvent& event) {
  sink_(style_ == LogStyle::kJson ? JsonLine(event) : TextLine(event));
}

void Logger::ReportDropped(uint64_t count, WallTime time) {
  if (count == 0) return;
  const std::string text = Format("%d more messages like others were left out", count);
  Write({time, env::LogLevel::kWarning, "log", text});
}

}  // namespace quorate::io
