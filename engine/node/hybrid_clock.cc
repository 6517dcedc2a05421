// SPDX-License-Identifier: Apache-2.0
#include "engine/node/hybrid_clock.h"

#include <algorithm>

#include "engine/base/check.h"

namespace quorate::node {

bool HybridClock::Witness(HybridTime seen, Duration bound) {
  const int64_t bound_ms = std::chrono::duration_cast<std::chrono::milliseconds>(bound).count();
  if (seen.ms() > wall_.ms + bound_ms && seen.ms() > last_.ms() + bound_ms) return false;
  last_ = std::max(last_, seen);
  return true;
}

Version HybridClock::Stamp() {
  QUORATE_CHECK(open_);
  last_ = std::max(last_.Next(), HybridTime::FromMs(wall_.ms));
  return {last_, writer_};
}

HybridTime HybridClock::NextCeiling() const { return HybridTime::FromMs(Now().ms() + reserve_ms_); }

}  // namespace quorate::node
