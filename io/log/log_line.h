// SPDX-License-Identifier: Apache-2.0
// How an event is written: one line of text for people, or one JSON object for machines. No event
// can break out of its line, whatever bytes it holds.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "engine/env/observer.h"

namespace quorate::io {

struct LogEvent {
  WallTime time;
  env::LogLevel level = env::LogLevel::kInfo;
  std::string_view source;  // which part of the node: "shard 0", "storage"
  std::string_view text;
};

[[nodiscard]] std::string_view NameOf(env::LogLevel level);

// "2026-01-02T03:04:05.678Z warning shard 0: the text\n".
[[nodiscard]] std::string TextLine(const LogEvent& event);
// {"time":"...","level":"...","source":"...","text":"..."} and a line end. Bytes that are not UTF-8
// become U+FFFD.
[[nodiscard]] std::string JsonLine(const LogEvent& event);

}  // namespace quorate::io
