// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/single_faults.h"

#include <array>

namespace quorate::sim {
namespace {

// A tick takes some time before what it stores is begun.
constexpr Duration kCommitBegins = 1ms;

Fault At(FaultKind kind, SimTime time, NodeIndex node, uint32_t only) {
  Fault fault;
  fault.id = 1;
  fault.kind = kind;
  fault.from = time;
  fault.until = time + Duration(1);
  fault.nodes = {node.value};
  fault.only = only;
  return fault;
}

Fault CrashBefore(SimTime time, NodeIndex node, uint32_t effect, Duration down) {
  Fault fault = At(FaultKind::kCrash, time, node, effect);
  fault.shape = FaultShape::kBetweenEffects;
  fault.amount = Duration(1);
  fault.until = time + down;
  return fault;
}

Fault EndAt(FaultKind kind, SimTime time, NodeIndex node, Duration down) {
  Fault fault = At(kind, time, node, 0);
  fault.until = time + down;
  return fault;
}

Fault CrashInCommit(SimTime time, NodeIndex node, Duration down) {
  Fault fault = EndAt(FaultKind::kCrash, time, node, down);
  fault.amount = kCommitBegins;
  return fault;
}

}  // namespace

SingleFaults::SingleFaults(SimTime until, const Fault* doubled) : until_(until) {
  if (doubled == nullptr || doubled->kind != FaultKind::kDuplication) return;
  doubles_ = Moment{doubled->from, NodeIndex{doubled->nodes.front()}};
}

void SingleFaults::Happened(const WorldEvent& event) {
  const bool tick = event.kind == EventKind::kTick;
  const bool stored = event.kind == EventKind::kCommitDone || event.kind == EventKind::kScanDone;
  if (event.time < until_ && (tick || stored)) {
    begun_.emplace(event.id, Begun{{event.time, event.node}, tick});
  }
  // One that was lost was sent.
  const bool message =
      event.kind == EventKind::kMessageArrived || event.kind == EventKind::kMessageLost;
  const auto begun = begun_.find(event.cause);
  if ((!message && !stored) || begun == begun_.end()) return;
  const Moment moment = begun->second.moment;
  if (event.kind == EventKind::kCommitDone) commits_.push_back(moment);
  if (!begun->second.tick) return;
  const bool sent = message && event.peer != event.node.value;
  if (sent && doubles_ == moment) return doubles_.reset();
  ++ticks_.emplace(event.cause, Tick{moment}).first->second.effects;
  if (sent) ++sent_[moment];
}

std::vector<Fault> SingleFaults::All(const FaultLengths& lengths) const {
  std::vector<Fault> faults;
  for (const auto& [event, tick] : ticks_) {
    const auto [time, node] = tick.moment;
    for (uint32_t effect = 1; effect <= tick.effects + 1; ++effect) {
      faults.push_back(CrashBefore(time, node, effect, lengths.down));
    }
    faults.push_back(EndAt(FaultKind::kCrash, time + Duration(1), node, lengths.down));
  }
  for (const auto& [time, node] : commits_) {
    faults.push_back(CrashInCommit(time, node, lengths.down));
  }
  for (const auto& [event, tick] : ticks_) {
    const auto [time, node] = tick.moment;
    // With what the tick takes, and without.
    if (time > SimTime{}) {
      faults.push_back(EndAt(FaultKind::kStop, SimTime{time.us - 1}, node, lengths.down));
    }
    faults.push_back(EndAt(FaultKind::kStop, time + Duration(1), node, lengths.down));
  }
  constexpr std::array kOfMessages = {FaultKind::kLoss, FaultKind::kDuplication, FaultKind::kDelay};
  for (const FaultKind kind : kOfMessages) {
    for (const auto& [moment, count] : sent_) {
      for (uint32_t message = 1; message <= count; ++message) {
        faults.push_back(At(kind, moment.first, moment.second, message));
        if (kind == FaultKind::kDelay) faults.back().amount = lengths.late_by;
      }
    }
  }
  return faults;
}

size_t SingleFaults::effects() const {
  size_t effects = 0;
  for (const auto& [event, tick] : ticks_) effects += tick.effects;
  return effects;
}

size_t SingleFaults::messages() const {
  size_t messages = 0;
  for (const auto& [moment, count] : sent_) messages += count;
  return messages;
}

}  // namespace quorate::sim
