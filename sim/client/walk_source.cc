// SPDX-License-Identifier: Apache-2.0
#include "sim/client/walk_source.h"

#include <algorithm>

#include "sim/client/limits.h"
#include "sim/core/draw.h"

namespace quorate::sim {

WalkSource::WalkSource(uint64_t seed, const std::vector<uint32_t>& clients) {
  for (const uint32_t client : clients) {
    const uint64_t draw = Draw(seed, Purpose::kWalk, client);
    walkers_[client].count = std::to_string(1 + Scale(draw, kScanCountMax));
  }
}

std::optional<Operation> WalkSource::Next(uint32_t client, uint64_t /*number*/) {
  const auto at = walkers_.find(client);
  if (at == walkers_.end()) return std::nullopt;
  const Walker& walker = at->second;
  switch (walker.stage) {
    case Stage::kScan:
      return Operation{{"SCAN", walker.cursor, "COUNT", walker.count}, {}};
    case Stage::kKeys:
      return Operation{{"KEYS", "*"}, {}};
    case Stage::kCount:
      return Operation{{"DBSIZE"}, {}};
    case Stage::kDone:
      break;
  }
  return std::nullopt;
}

void WalkSource::Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) {
  Walker& walker = walkers_[client];
  if (reply == nullptr || reply->IsError()) {
    if (++walker.attempts >= kWalkAttemptsMax) {
      given_up_ = operation.command[0] + ": " + (reply == nullptr ? "no answer" : reply->text);
    }
    walker.cursor.assign(1, '0');
    return;
  }
  const bool scans = walker.stage == Stage::kScan && reply->elements.size() == 2;
  if (scans) walker.cursor = reply->elements[0].text;
  if (scans && walker.cursor != "0") return;
  walker.stage = static_cast<Stage>(static_cast<int>(walker.stage) + 1);
}

bool WalkSource::done() const {
  return std::all_of(walkers_.begin(), walkers_.end(),
                     [](const auto& entry) { return entry.second.stage == Stage::kDone; });
}

}  // namespace quorate::sim
