// SPDX-License-Identifier: Apache-2.0
#include "sim/client/operation_source.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/client/limits.h"

namespace quorate::sim {
namespace {

// There was no room for it: it was not tried.
bool SaysBusy(const resp::Reply& reply) {
  return reply.IsError() && reply.text.starts_with("BUSY");
}

}  // namespace

ScriptSource::ScriptSource(const std::vector<ScriptedOperation>& script, uint32_t clients)
    : of_client_(clients) {
  for (const ScriptedOperation& operation : script) {
    QUORATE_CHECK(operation.client < clients);
    of_client_[operation.client].push_back(operation);
  }
}

std::optional<Operation> ScriptSource::Next(uint32_t client, uint64_t number) {
  const std::vector<ScriptedOperation>& script = of_client_[client];
  if (number >= script.size()) return std::nullopt;
  Operation operation{script[number].command, {}};
  for (const Bytes& argument : operation.command) {
    const std::optional<KeyRef> key = ParseKey(argument);
    if (key) operation.writes.push_back(*key);
  }
  return operation;
}

std::optional<Prescription> ScriptSource::Prescribes(uint32_t client, uint64_t number) const {
  const std::vector<ScriptedOperation>& script = of_client_[client];
  if (number >= script.size()) return std::nullopt;
  return script[number].prescription;
}

bool SaysNoQuorum(const resp::Reply& reply) {
  return reply.IsError() && reply.text.starts_with("NOQUORUM");
}

SweepSource::SweepSource(const std::vector<KeyRef>& keys, MayLackQuorum may_lack)
    : may_lack_(std::move(may_lack)) {
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

std::string SweepSource::left() const {
  return Format("%u keys are left", waiting_.size() + under_way_);
}

// `taken_` remembers the attempts of those that failed before; it is short.
void SweepSource::Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) {
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
  if (reply != nullptr && SaysNoQuorum(*reply) && may_lack_(client, item.command[1])) return;
  if (reply == nullptr || !SaysBusy(*reply)) ++item.attempts;
  if (item.attempts < kSweepAttemptsMax) {
    waiting_.push_back(std::move(item));
    return;
  }
  given_up_ = item.command[1] + ": " + (reply == nullptr ? "no answer" : reply->text);
}

}  // namespace quorate::sim
