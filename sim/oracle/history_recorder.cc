// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/history_recorder.h"

#include "engine/topology/topology.h"

namespace quorate::sim {

uint32_t ReplicasOf(const WorldView& world, PoolId pool) {
  const topology::Topology& topology = world.topology();
  uint32_t replicas = 0;
  for (uint16_t i = 0; i < topology.data_centres().size(); ++i) {
    replicas += topology.ReplicaCount(pool, i);
  }
  return replicas;
}

void HistoryRecorder::RunBegan(const WorldView& world) {
  const bool evicts = world.pools()[pool_.value].evicts;
  if (evicts && ReplicasOf(world, pool_) == 1) history_.MayForget();
  for (uint32_t node = 0; node < world.nodes(); ++node) {
    const topology::Replica* member = world.topology().FindNode(world.node_id(NodeIndex{node}));
    data_centre_of_.push_back(member == nullptr ? uint16_t{0} : member->data_centre);
  }
}

void HistoryRecorder::Invoked(const OperationInvoked& operation) {
  ++operations_;
  if (operation.command.size() > 1) history_.FetchAhead(operation.command[1]);  // mostly a key
}

Access HistoryRecorder::AccessOf(const OperationInvoked& operation) const {
  Access access;
  access.operation = operation.operation;
  access.client = operation.client;
  access.invoked = operation.event;
  access.invoked_at = operation.time;
  access.completed = kNever;
  access.completed_at = operation.time;
  access.read = operation.read;
  access.write = operation.write;
  access.phase = operation.phase;
  if (operation.node.value < data_centre_of_.size()) {
    access.local = data_centre_of_[operation.node.value];
  }
  return access;
}

void HistoryRecorder::Completed(const OperationCompleted& operation) {
  Access access = AccessOf(operation.invoked);
  access.completed = operation.event;
  access.completed_at = operation.time;
  const bool answered = operation.outcome == OperationOutcome::kReply;
  history_.Add(access, Interpret(operation.invoked.command, answered ? &operation.reply : nullptr));
}

void HistoryRecorder::LeftOpen(const OperationInvoked& operation) {
  history_.Add(AccessOf(operation), Interpret(operation.command, nullptr));
}

void HistoryRecorder::Crashed(NodeIndex node, SimTime time) { crashes_.emplace_back(node, time); }

void HistoryRecorder::Forgot(NodeIndex node, SimTime since, SimTime time) {
  lapses_.push_back({node, since, time});
}

}  // namespace quorate::sim
