// SPDX-License-Identifier: Apache-2.0
// What a swarm shows, as a page; while it goes on too.
#pragma once

#include <string>

#include "sim/page/table_page.h"
#include "sim/tool/swarm_report.h"

namespace quorate::sim {

// How far it is.
struct SwarmPlace {
  std::string seeds;     // as they were asked for
  double seconds = 0.0;  // of real time
  uint32_t jobs = 1;
  bool goes_on = false;
};

[[nodiscard]] TablePage SwarmPageOf(const SwarmReport& report, const SwarmPlace& place);

}  // namespace quorate::sim
