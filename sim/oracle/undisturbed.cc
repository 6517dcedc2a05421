// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/undisturbed.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/client/key_space.h"
#include "sim/oracle/history.h"

namespace quorate::sim {
namespace {

// So many requests for a key may wait for one another for as long as a client waits.
constexpr uint64_t kCrowd = 8;

// What an error begins with that says that something is wrong with the cluster, and not with what
// was asked.
constexpr std::array<std::string_view, 6> kTroubles = {"NOQUORUM", "IOERR",    "DISKFULL",
                                                       "BUSY",     "SHUTDOWN", "CLOCKSKEW"};

bool SaysTrouble(const resp::Reply& reply) {
  if (!reply.IsError()) return false;
  const std::string_view text = reply.text;
  const std::string_view word = text.substr(0, text.find(' '));
  return std::find(kTroubles.begin(), kTroubles.end(), word) != kTroubles.end();
}

// Calls `visit` with each word that is a key.
template <typename Visit>
void ForEachKey(const std::vector<Bytes>& command, const Visit& visit) {
  for (size_t i = 1; i < command.size(); ++i) {
    if (ParseKey(command[i])) visit(command[i]);
  }
}

}  // namespace

void Undisturbed::RunBegan(const WorldView& world) {
  judges_ = world.as_in_production();
  for (const PoolLook& pool : world.pools()) request_timeouts_.push_back(pool.request_timeout);
}

void Undisturbed::FaultBegan() {
  judges_ = false;
  keys_.clear();
  ended_before_.clear();
}

void Undisturbed::Invoked(const OperationInvoked& operation) {
  if (!judges_) return;
  ForEachKey(operation.command, [&](const Bytes& key) {
    Asked& asked = keys_[{operation.pool, key}];
    ++asked.begun;
    ended_before_[{operation.operation, key}] = asked.ended;
  });
}

uint64_t Undisturbed::CrowdOf(const OperationInvoked& operation) const {
  uint64_t crowd = 0;
  ForEachKey(operation.command, [&](const Bytes& key) {
    const uint64_t before = ended_before_.at({operation.operation, key});
    crowd = std::max(crowd, keys_.at({operation.pool, key}).begun - before);
  });
  return crowd;
}

bool Undisturbed::IsFine(const OperationCompleted& operation) const {
  switch (operation.outcome) {
    case OperationOutcome::kReply:
      return !SaysTrouble(operation.reply);
    case OperationOutcome::kTimeout:
      return operation.time - operation.invoked.time <
             request_timeouts_[operation.invoked.pool.value];
    case OperationOutcome::kDisconnected:
      return false;
  }
  QUORATE_CHECK(false);
}

void Undisturbed::Completed(const OperationCompleted& operation) {
  if (!judges_ || failure_) return;
  ++judged_;
  const OperationInvoked& asked = operation.invoked;
  if (!IsFine(operation) && CrowdOf(asked) <= kCrowd) {
    failure_ = Failure{FailureKind::kUnhealthy, "undisturbed",
                       Format("before the first fault every request is answered, also the %s of "
                              "operation %u (event %u)",
                              asked.command.front(), asked.operation, asked.event.value),
                       AnswerOf(operation), operation.event};
  }
  ForEachKey(asked.command, [&](const Bytes& key) {
    ++keys_[{asked.pool, key}].ended;
    ended_before_.erase({asked.operation, key});
  });
}

}  // namespace quorate::sim
