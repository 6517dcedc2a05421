// SPDX-License-Identifier: Apache-2.0
#include "sim/client/operation_source.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/client/limits.h"

namespace quorate::sim {

std::optional<Operation> WorkloadSource::Next(uint32_t client, uint64_t number) {
  Operation operation = workload_.Next(client, number);
  for (const KeyRef key : operation.writes) written_.Add(key);
  return operation;
}

SweepSource::SweepSource(const std::vector<KeyRef>& keys) {
  for (const KeyRef key : keys) waiting_.push_back({ReadCommand(key), 0});
}

std::optional<Operation> SweepSource::Next(uint32_t /*client*/, uint64_t /*number*/) {
  if (waiting_.empty()) return std::nullopt;
  Item item = std::move(waiting_.front());
  waiting_.pop_front();
  ++under_way_;
  Operation operation{item.command, {}};
  if (item.attempts > 0) taken_.push_back(std::move(item));
  return operation;
}

// `taken_` remembers the attempts of those that failed before; it is short.
void SweepSource::Finished(const Operation& operation, const resp::Reply* reply) {
  QUORATE_CHECK(under_way_ > 0);
  --under_way_;
  Item item{operation.command, 0};
  const auto found = std::find_if(taken_.begin(), taken_.end(), [&operation](const Item& taken) {
    return taken.command == operation.command;
  });
  if (found != taken_.end()) {
    item.attempts = found->attempts;
    taken_.erase(found);
  }
  if (reply != nullptr && !reply->IsError()) return;
  if (++item.attempts < kSweepAttemptsMax) {
    waiting_.push_back(std::move(item));
    return;
  }
  given_up_ = item.command[1] + ": " + (reply == nullptr ? "no answer" : reply->text);
}

}  // namespace quorate::sim
