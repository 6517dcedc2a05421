// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/edge_watcher.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace quorate::sim {

EdgeWatcher::EdgeWatcher(const EdgeCounters& counters, std::optional<EventId> chosen)
    : counters_(counters), chosen_(chosen) {
  QUORATE_CHECK(counters.counts.size() == counters.places.size());
}

void EdgeWatcher::Happened(const WorldEvent& event) {
  Close();
  current_ = event.id;
}

void EdgeWatcher::RunEnded(const WorldView& /*world*/, uint64_t /*hash*/) { Close(); }

void EdgeWatcher::Clear() { std::fill(counters_.counts.begin(), counters_.counts.end(), 0); }

void EdgeWatcher::Close() {
  const std::span<uint8_t> counts = counters_.counts;
  const bool kept = chosen_ && current_ == *chosen_;
  uint64_t hash = 0;
  for (size_t i = 0; i < counts.size();) {
    // Most are 0.
    uint64_t eight = 0;
    if (i + sizeof eight <= counts.size()) {
      std::memcpy(&eight, &counts[i], sizeof eight);
      if (eight == 0) {
        i += sizeof eight;
        continue;
      }
    }
    if (counts[i] != 0) {
      hash = KeyedHash(hash, i, counts[i]);
      if (kept) taken_[counters_.places[i].address - counters_.base] = counts[i];
    }
    ++i;
  }
  lines_ += Format("%016x\n", hash);
  Clear();
}

}  // namespace quorate::sim
