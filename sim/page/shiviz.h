// SPDX-License-Identifier: Apache-2.0
// What is on the page of a run, as a log for ShiViz, which draws who could know of what. The format
// is the one of its page (https://bestchai.bitbucket.io/shiviz/) and of its js/model/parser.js and
// modelGraph.js (https://github.com/DistributedClocks/shiviz): the first line is the regular
// expression by which all others are read, the second, empty, says that there is one run only; then
// one event a line, in the order of the run:
//
//   node-2 {"node-0":14,"node-2":9,"client-3":5} 12744269 19020 key shard 0 hears node 0: ...
//
// - host: node-INDEX or client-NUMBER. Lost messages are events of who sent them, where that one is
//   on the page; a fault is one of each node it has; what began or ended an operation is one of the
//   client.
// - clock: of the host's own events so far, this one included, and of what it could know of all
//   other hosts. An event knows what those before it on its host did, and what its cause did.
// - time: microseconds of the simulation. number: of the event in the run, for `why` and `gdb`.
// - part: what it has to do with the failure: `failure`, `cause`, `key` (it concerns the key), `-`.
// - event: the words.
//
// A message whose sending is not on the page comes from nowhere.
#pragma once

#include <cstdint>
#include <string>

#include "sim/page/page.h"

namespace quorate::sim {

struct ShiVizLog {
  std::string text;
  uint64_t left_out = 0;  // the first events: kPageBytesMax does not hold the clocks of all
};

// Requires: the content is of a run. Of a recording nobody knows what its peers did, and when.
[[nodiscard]] ShiVizLog MakeShiViz(const PageContent& content, const PageRun& run,
                                   const PageLanes& lanes);

}  // namespace quorate::sim
