// SPDX-License-Identifier: Apache-2.0
// What a debug session holds in its hands: a world, or the shard of a recording. It can be advanced
// step by step, and looked at. What it is like after a number of steps depends on nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/tool/stop.h"

namespace quorate::sim {

class Debuggee {
 public:
  using Words = std::vector<std::string>;

  virtual ~Debuggee() = default;

  // One step on. False where nothing is left.
  virtual bool Step(const Stop& stop) = 0;
  // Of the last step: whether nothing happened that has a number, and whether it is where it was to
  // stop.
  [[nodiscard]] virtual bool quiet() const = 0;
  [[nodiscard]] virtual bool reached() const = 0;
  // The number of what happened last. Rising; `beginning()` before the first step.
  [[nodiscard]] virtual uint64_t position() const = 0;
  [[nodiscard]] virtual uint64_t beginning() const { return 0; }
  // What is numbered: events, ticks.
  [[nodiscard]] virtual std::string_view unit() const = 0;

  // Says how it has ended. Called once, when nothing is left.
  virtual void End() = 0;
  // Says what happened at the position.
  virtual void Tell() const = 0;
  // Of `until`; nothing where it is no place to stop at.
  [[nodiscard]] virtual std::optional<Stop> ParseStop(const Words& words) const = 0;
  // The commands that look. False for what is none.
  [[nodiscard]] virtual bool Look(const Words& words) const = 0;
  // A line for each place of `until`, and for each command that looks.
  [[nodiscard]] virtual std::string_view help_on_stops() const = 0;
  [[nodiscard]] virtual std::string_view help_on_looks() const = 0;
};

// A whole number; nothing for anything else.
[[nodiscard]] std::optional<uint64_t> ParseWhole(std::string_view text);

}  // namespace quorate::sim
