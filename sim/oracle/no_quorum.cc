// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/no_quorum.h"

#include <string>
#include <utility>

#include "engine/base/status.h"
#include "sim/client/operation_source.h"
#include "sim/oracle/history.h"
#include "sim/world/quorum_left.h"

namespace quorate::sim {

void NoQuorum::Completed(const WorldView& world, const OperationCompleted& operation) {
  const OperationInvoked& asked = operation.invoked;
  if (asked.phase < Phase::kHealed || asked.command.size() < 2) return;
  if (!whole_) whole_ = world.IsWhole();
  if (*whole_ || operation.outcome != OperationOutcome::kReply) return;
  const resp::Reply& reply = operation.reply;
  if (reply.IsError() && !SaysNoQuorum(reply)) return;
  const Bytes& name = asked.command[0];
  const Bytes& key = asked.command[1];
  // A SET reads nothing of what was there; the others that come then are reads.
  const topology::Consistency level = name == "SET" ? asked.write : asked.read;
  const QuorumLeft left = QuorumLeftFor(world, asked.pool, key, level, asked.node);
  if (reply.IsError()) {
    figures_.inevitable += left == QuorumLeft::kNo ? 1 : 0;
    return;
  }
  ++figures_.served;
  if (left != QuorumLeft::kNo || failure_) return;
  failure_ =
      Failure{FailureKind::kWrongReply, "no_quorum",
              Format("no quorum is left for %s of %s at %s through node %u, and the client "
                     "is told so",
                     name, Shown(key), std::string(topology::NameOf(level)), asked.node.value),
              resp::Describe(reply), operation.event};
}

}  // namespace quorate::sim
