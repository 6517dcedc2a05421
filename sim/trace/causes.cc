// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/causes.h"

#include <limits>

#include "engine/base/check.h"

namespace quorate::sim {

void Causes::Happened(const WorldEvent& event) {
  QUORATE_CHECK(event.id.value == causes_.size() + 1);
  QUORATE_CHECK(event.cause < event.id);
  causes_.push_back(event.cause.value);
}

std::vector<EventId> Causes::Chain(EventId event, size_t depth) const {
  std::vector<EventId> chain;
  uint64_t at = event.value > causes_.size() ? 0 : event.value;
  for (; at != 0 && chain.size() < depth; at = causes_[at - 1]) chain.push_back({at});
  return chain;
}

size_t Causes::Depth(EventId event) const {
  return Chain(event, std::numeric_limits<size_t>::max()).size();
}

}  // namespace quorate::sim
