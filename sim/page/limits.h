// SPDX-License-Identifier: Apache-2.0
// Named limits of the page that shows a run: it must open at once, however long the run was.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

// Of all that happened, what is next to the failure.
inline constexpr uint64_t kPageEventsMax = 8'000;
// Of those, after the failure.
inline constexpr uint64_t kPageEventsAfter = 200;
// Events that concern the key of the failure, from anywhere in the run; the first go first.
inline constexpr size_t kPageStoryMax = 6'000;
inline constexpr size_t kPageOperationsMax = 6'000;
// Links of the chain of causes.
inline constexpr size_t kPageChainMax = 400;
inline constexpr size_t kPageLanesMax = 24;
inline constexpr size_t kPageClientsMax = 24;
inline constexpr size_t kPageFaultsMax = 400;
inline constexpr size_t kPageLivesMax = 2'000;
inline constexpr size_t kPageInputsMax = 32;
// Of the recording of a shard: questions and commits that wait for their end, of each kind; and
// operations that its failure names, since they were in that tick.
inline constexpr size_t kPageQuestionsMax = 100'000;
inline constexpr size_t kPageNamedMax = 24;
// Of a text.
inline constexpr size_t kPageTextMax = 120;
// The sum of it all, at 400 bytes an event: what a page never exceeds.
inline constexpr size_t kPageBytesMax = size_t{16} << 20;
// How long a tick is where something must have a length. What it took is not told; in a world none
// takes less, so none reaches into the next.
inline constexpr Duration kPageTick = 4us;
// Of a line of a log with clocks: the event, and each host that its clock names. A log with many
// hosts has fewer lines.
inline constexpr size_t kPageLogLine = 300;
inline constexpr size_t kPageLogClock = 20;
// A message that took longer is marked as late.
inline constexpr Duration kPageLate = 250ms;
// How often a browser looks whether work that goes on is farther.
inline constexpr Duration kPageReload = 5s;

static_assert(kPageEventsAfter < kPageEventsMax);
static_assert((kPageEventsMax + kPageStoryMax + kPageOperationsMax + kPageChainMax) * 400 <
              kPageBytesMax);

}  // namespace quorate::sim
