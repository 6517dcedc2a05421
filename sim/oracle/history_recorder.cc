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
  Open open;
  open.command = operation.command;
  if (open.command.size() > 1) history_.FetchAhead(open.command[1]);  // mostly a key
  Access& access = open.access;
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
  open_.insert_or_assign(operation.operation, std::move(open));
}

void HistoryRecorder::Close(Open& open, const resp::Reply* reply) {
  history_.Add(open.access, Interpret(open.command, reply));
}

void HistoryRecorder::Completed(const OperationCompleted& operation) {
  const auto found = open_.find(operation.operation);
  if (found == open_.end()) return;
  Open& open = found->second;
  open.access.completed = operation.event;
  open.access.completed_at = operation.time;
  const bool answered = operation.outcome == OperationOutcome::kReply;
  Close(open, answered ? &operation.reply : nullptr);
  open_.erase(found);
}

void HistoryRecorder::Crashed(NodeIndex node, SimTime time) { crashes_.emplace_back(node, time); }

void HistoryRecorder::Forgot(NodeIndex node, SimTime since, SimTime time) {
  lapses_.push_back({node, since, time});
}

void HistoryRecorder::RunEnded(const WorldView& /*world*/, uint64_t /*hash*/) {
  for (auto& [operation, open] : open_) Close(open, nullptr);
  open_.clear();
}

}  // namespace quorate::sim
