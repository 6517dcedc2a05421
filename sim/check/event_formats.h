// SPDX-License-Identifier: Apache-2.0
// One event from one line, in the two notations that Jepsen's histories come in. The README shows
// both.
#pragma once

#include <string_view>

#include "engine/base/status.h"
#include "sim/check/event_pairs.h"

namespace quorate::sim::check {

// What every line of Jepsen's log begins with.
inline constexpr std::string_view kLogPrefix = "INFO  jepsen.util - ";

// "INFO  jepsen.util - 4<tab>:invoke<tab>:write<tab>0". InvalidArgument says what is wrong, without
// the line.
absl::StatusOr<Event> ParseLogLine(std::string_view line);
// "{:process 0, :type :invoke, :f :append, :key "0", :value "x"}", its entries in any order; a
// history of one register needs no :key.
absl::StatusOr<Event> ParseEdnLine(std::string_view line);

}  // namespace quorate::sim::check
