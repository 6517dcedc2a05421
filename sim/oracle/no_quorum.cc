// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/no_quorum.h"

#include <string>
#include <utility>

#include "engine/base/status.h"
#include "sim/client/operation_source.h"
#include "sim/oracle/history.h"
#include "sim/world/quorum_left.h"

namespace quorate::sim {
// A SET reads nothing of what was there; the others that come then are reads.
void NoQuorum::Invoked(const OperationInvoked& operation) {
  if (operation.phase < Phase::kHealed || operation.command.size() < 2) return;
  if (whole_.value_or(false)) return;
  const Bytes& name = operation.command[0];
  const topology::Consistency level = name == "SET" ? operation.write : operation.read;
  open_[operation.operation] = {name, operation.command[1], operation.node, level};
}

void NoQuorum::Completed(const WorldView& world, const OperationCompleted& operation) {
  const auto at = open_.find(operation.operation);
  if (at == open_.end()) return;
  const Open open = std::move(at->second);
  open_.erase(at);
  if (!whole_) whole_ = world.IsWhole();
  if (*whole_ || operation.outcome != OperationOutcome::kReply) return;
  const resp::Reply& reply = operation.reply;
  if (reply.IsError() && !SaysNoQuorum(reply)) return;
  const QuorumLeft left = QuorumLeftFor(world, operation.pool, open.key, open.level, open.node);
  if (reply.IsError()) {
    figures_.inevitable += left == QuorumLeft::kNo ? 1 : 0;
    return;
  }
  ++figures_.served;
  if (left != QuorumLeft::kNo || failure_) return;
  failure_ = Failure{FailureKind::kWrongReply, "no_quorum",
                     Format("no quorum is left for %s of %s at %s through node %u, and the client "
                            "is told so",
                            open.name, Shown(open.key), std::string(topology::NameOf(open.level)),
                            open.node.value),
                     resp::Describe(reply), operation.event};
}

}  // namespace quorate::sim
