// SPDX-License-Identifier: Apache-2.0
// What is on a page, for ui.perfetto.dev and chrome://tracing: JSON of the Trace Event Format
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), as Perfetto
// takes it (https://perfetto.dev/docs/getting-started/other-formats).
//
// - A node is a process, of its lives and its shards; so are all clients, and all faults. Each
//   thread has a name. Slices of a thread (X) follow each other, as the format demands: where
//   operations of a client, or faults of a kind, overlap, they take further threads.
// - A tick is a slice, with what it took and sent in its args. What no tick on the page took or
//   sent is an instant. A client's wakes are seen in what they begin alone.
// - A message is a flow (s, f) from the tick that sent it to the tick that took it, where both are
//   on the page; so are the bytes between an operation and a tick. A flow is of the slice that is
//   open at its time and was the last to begin on its thread, so it stands in the file behind it.
//   When a message of a recording was sent nobody knows: its flow is from the tick that asked.
// - Times are microseconds of the simulation.
#pragma once

#include <string>

#include "sim/page/page.h"

namespace quorate::sim {

[[nodiscard]] std::string MakePerfetto(const PageContent& content, const PageRun& run,
                                       const PageLanes& lanes);

}  // namespace quorate::sim
