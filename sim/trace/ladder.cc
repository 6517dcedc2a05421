// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/ladder.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/trace/limits.h"

namespace quorate::sim {

void AddEvent(RunHash& hash, const WorldEvent& event) {
  hash.Add(event.time.us);
  hash.Add(event.cause.value);
  hash.Add(uint64_t{static_cast<uint8_t>(event.kind)} << 16 | event.shard);
  hash.Add(uint64_t{event.node.value} << 32 | event.peer);
  hash.Add(event.argument);
  hash.EndEvent();
}

Ladder Coarser(Ladder ladder, int shift) {
  QUORATE_CHECK(shift >= ladder.shift);
  for (; ladder.shift < shift; ++ladder.shift) {
    size_t kept = 0;
    for (size_t i = 1; i < ladder.rungs.size(); i += 2) ladder.rungs[kept++] = ladder.rungs[i];
    ladder.rungs.resize(kept);
  }
  return ladder;
}

Ladder LadderOf(const RunHash& hash) {
  Ladder ladder{kLadderShift, hash.ladder(), hash.events(), hash.value()};
  while (ladder.rungs.size() > kRungsMax) {
    const int shift = ladder.shift + 1;
    ladder = Coarser(std::move(ladder), shift);
  }
  return ladder;
}

LadderComparison CompareLadders(const Ladder& a, const Ladder& b) {
  const int shift = std::max(a.shift, b.shift);
  const Ladder left = Coarser(a, shift);
  const Ladder right = Coarser(b, shift);
  const size_t common = std::min(left.rungs.size(), right.rungs.size());
  size_t equal = 0;  // rungs[0, equal) agree
  size_t unequal = common;
  while (equal < unequal) {
    const size_t middle = equal + (unequal - equal) / 2;
    if (left.rungs[middle] == right.rungs[middle]) {
      equal = middle + 1;
    } else {
      unequal = middle;
    }
  }
  const uint64_t shorter = std::min(left.events, right.events);
  if (equal < common) {
    return {false, uint64_t{equal} << shift, (uint64_t{equal} + 1) << shift};
  }
  if (left.events == right.events && left.end == right.end) return {true, left.events, 0};
  const uint64_t until = uint64_t{equal} << shift;
  return {false, until, left.events == right.events ? shorter : shorter + 1};
}

std::string Describe(const LadderComparison& comparison) {
  if (comparison.equal) return Format("equal, %u events", comparison.equal_until);
  return Format("equal up to event %u, different by event %u", comparison.equal_until,
                comparison.differ_by);
}

}  // namespace quorate::sim
