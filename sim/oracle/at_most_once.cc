// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/at_most_once.h"

#include <algorithm>

#include "engine/base/status.h"
#include "sim/oracle/base_sums.h"
#include "sim/oracle/counter_bounds.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "at_most_once";

Failure Fail(const Register& entry, const Access& observer, WideInteger high) {
  return {FailureKind::kExecutedTwice, std::string(kOracle),
          Format("each increment of %s counts at most once, so it shows %d at most", NameOf(entry),
                 static_cast<int64_t>(high)),
          Describe(observer) + " was answered " + Shown(observer.value), observer.completed};
}

// Numbers that were also set or deleted: the highest end of all that are possible.
std::optional<Failure> CheckEnd(const Register& entry, const Promises& promises,
                                const Access& read) {
  const std::optional<int64_t> seen = CounterBounds::SeenBy(read);
  if (!seen.has_value()) return std::nullopt;
  std::optional<WideInteger> highest;
  for (const PossibleEnd& end : PossibleEnds(entry, promises, read)) {
    if (end.Explains(read.value)) return std::nullopt;
    if (end.superseder != nullptr) continue;
    const std::optional<PossibleEnd::Bounds> bounds = end.bounds();
    if (!bounds.has_value()) continue;
    highest = highest.has_value() ? std::max(*highest, bounds->high) : bounds->high;
  }
  if (!highest.has_value() || *seen <= *highest) return std::nullopt;
  return Fail(entry, read, *highest);
}

}  // namespace

std::optional<Failure> CheckAtMostOnce(const Register& entry, const Promises& promises) {
  if (!HoldsIncrements(entry)) return std::nullopt;
  const CounterBounds bounds(entry, promises);
  for (const Access& access : entry.accesses) {
    if (access.act != Act::kRead && access.act != Act::kAdd) continue;
    if (bounds.apply()) {
      const std::optional<int64_t> seen = CounterBounds::SeenBy(access);
      if (!seen.has_value()) continue;
      const WideInteger high = bounds.Of(access).high;
      if (*seen > high) return Fail(entry, access, high);
    } else if (access.act == Act::kRead && access.phase == Phase::kSweep) {
      if (std::optional<Failure> failure = CheckEnd(entry, promises, access)) return failure;
    }
  }
  return std::nullopt;
}

}  // namespace quorate::sim
