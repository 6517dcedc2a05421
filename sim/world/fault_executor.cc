// SPDX-License-Identifier: Apache-2.0
#include "sim/world/fault_executor.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/core/draw.h"
#include "sim/world/limits.h"

namespace quorate::sim {

FaultExecutor::FaultExecutor(DrawSeed seed, const Schedule& schedule, EffectCounter& effects,
                             Agenda& agenda, Cluster& cluster)
    : seed_(seed),
      schedule_(schedule),
      effects_(effects),
      agenda_(agenda),
      cluster_(cluster),
      in_force_(schedule.faults.size()),
      storage_(cluster.size()) {}

void FaultExecutor::Plan() {
  for (uint32_t i = 0; i < schedule_.faults.size(); ++i) {
    agenda_.At(schedule_.faults[i].from, {.action = Action::kFaultBegins, .peer = i});
    agenda_.At(schedule_.faults[i].until, {.action = Action::kFaultEnds, .peer = i});
  }
}

void FaultExecutor::OnBegin(uint32_t index) {
  const Fault& fault = schedule_.faults[index];
  in_force_[index] = true;
  agenda_.Happened(EventKind::kFaultBegan, NodeIndex{fault.nodes.front()}, 0, index, fault.id);
  const FaultBegan began{index, fault, schedule_.nodes};
  agenda_.TellAll([&](WorldObserver& observer) { observer.Began(began); });
  if (IsNetworkFault(fault.kind)) {
    cluster_.network().faults().Begin(index);
    return;
  }
  if (fault.kind == FaultKind::kDiskSwap) {
    SwapDisks(fault);
    for (const uint32_t node : fault.nodes) {
      cluster_.node(NodeIndex{node}).faults.Begin(fault.kind, index);
    }
    return;
  }
  for (const uint32_t node : fault.nodes) BeginAt(NodeIndex{node}, index);
}

// Both nodes die, and are started with the disk of the other.
void FaultExecutor::SwapDisks(const Fault& fault) {
  const NodeIndex a{fault.nodes.front()};
  const NodeIndex b{fault.nodes.back()};
  KillAt(a, fault, CrashKind::kPower);
  KillAt(b, fault, CrashKind::kPower);
  cluster_.SwapDisks(a, b);
  SetStorageFaults(a);
  SetStorageFaults(b);
  StartSoon(a);
  StartSoon(b);
}

// What is wiped is the node's own disk: with another's a node would be lost that no fault has.
void FaultExecutor::EndSwapOf(NodeIndex index) {
  for (uint32_t i = 0; i < schedule_.faults.size(); ++i) {
    const Fault& fault = schedule_.faults[i];
    if (fault.kind == FaultKind::kDiskSwap &&
        std::binary_search(fault.nodes.begin(), fault.nodes.end(), index.value)) {
      OnEnd(i);
    }
  }
}

void FaultExecutor::KillAt(NodeIndex index, const Fault& fault, CrashKind kind) {
  if (!cluster_.node(index).up) return;
  cluster_.Crash(index, kind, Draw(seed_, Purpose::kRestart, fault.id, index.value));
}

void FaultExecutor::CutPower() {
  for (uint32_t i = 0; i < cluster_.size(); ++i) {
    const uint64_t life = cluster_.node(NodeIndex{i}).life;
    cluster_.Crash(NodeIndex{i}, CrashKind::kPower, Draw(seed_, Purpose::kRestart, i, life, 4));
    StartSoon(NodeIndex{i});
  }
}

void FaultExecutor::StartSoon(NodeIndex index) {
  agenda_.At(agenda_.now() + kRestartTime, {.action = Action::kStart, .node = index.value});
}

void FaultExecutor::OnEnd(uint32_t index) {
  const Fault& fault = schedule_.faults[index];
  if (!in_force_[index] || fault.stays) return;
  in_force_[index] = false;
  agenda_.Happened(EventKind::kFaultEnded, NodeIndex{fault.nodes.front()}, 0, index, fault.id);
  if (IsNetworkFault(fault.kind)) {
    cluster_.network().faults().End(index);
  } else if (fault.kind == FaultKind::kDiskSwap) {
    for (const uint32_t node : fault.nodes) {
      cluster_.node(NodeIndex{node}).faults.End(fault.kind, index);
    }
    SwapDisks(fault);
  } else {
    for (const uint32_t node : fault.nodes) EndAt(NodeIndex{node}, index);
  }
  const FaultEnded ended{index, fault, effects_.of_fault(index)};
  agenda_.TellAll([&](WorldObserver& observer) { observer.Ended(ended); });
}

void FaultExecutor::CrashAt(NodeIndex index, uint32_t fault) {
  if (!cluster_.node(index).up) return;
  const uint64_t draw = Draw(seed_, Purpose::kRestart, schedule_.faults[fault].id, index.value);
  const CrashKind kind = (draw & 1) == 0 ? CrashKind::kPower : CrashKind::kProcess;
  cluster_.Crash(index, kind, Mix(draw, 1));
  effects_.Count(fault);
}

void FaultExecutor::OnCrashDue(NodeIndex index, uint32_t fault) {
  SimNode& node = cluster_.node(index);
  if (node.crash_waits == fault) node.crash_waits.reset();
  if (node.crash_in_tick == fault) node.crash_in_tick.reset();
  if (in_force_[fault] && node.faults.Is(FaultKind::kCrash, fault)) CrashAt(index, fault);
}

void FaultExecutor::SetStorageFaults(NodeIndex index) {
  cluster_.node(index).storage->SetFaults(storage_[index.value]);
}

void FaultExecutor::BeginAt(NodeIndex index, uint32_t fault_index) {
  const Fault& fault = schedule_.faults[fault_index];
  SimNode& node = cluster_.node(index);
  StorageFaults& storage = storage_[index.value];
  node.faults.Begin(fault.kind, fault_index);
  switch (fault.kind) {
    case FaultKind::kCrash:
      if (fault.amount == Duration(0)) {
        CrashAt(index, fault_index);
        return;
      }
      (fault.shape == FaultShape::kBetweenEffects ? node.crash_in_tick : node.crash_waits) =
          fault_index;
      node.crash_effect = fault.only;
      agenda_.At(agenda_.now() + fault.amount,
                 {.action = Action::kCrashDue, .node = index.value, .peer = fault_index});
      return;
    case FaultKind::kPause:
      cluster_.Pause(index);
      return;
    case FaultKind::kStop:
      if (node.up) cluster_.Stop(index, fault_index);
      return;
    case FaultKind::kDiskStall:
      storage.stall = fault.amount;
      SetStorageFaults(index);
      return;
    case FaultKind::kDiskFull:
      storage.full = true;
      SetStorageFaults(index);
      return;
    case FaultKind::kCommitError:
      storage.fail = true;
      node.may_fail = true;
      SetStorageFaults(index);
      return;
    case FaultKind::kClockOffset:
    case FaultKind::kClockJump:
      node.clock.SetOffset(fault.amount);
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kClockDrift:
      node.clock.SetDrift(agenda_.now(), fault.drift_ppm);
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kWallFreeze:
      node.clock.FreezeWall(agenda_.now());
      return;
    case FaultKind::kMonotonicFreeze:
      node.clock.FreezeMonotonic(agenda_.now());
      return;
    case FaultKind::kMonotonicJump:
      node.clock.JumpMonotonic(fault.amount);
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kSlowCpu:
      node.slow_factor = fault.amount.count();
      return;
    case FaultKind::kHalfOpen:
      return;  // the connections look for it
    default:
      return BeginAtDisk(index, fault_index);
  }
}

// The node is started again where only a start shows what has become of its disk.
void FaultExecutor::BeginAtDisk(NodeIndex index, uint32_t fault_index) {
  const Fault& fault = schedule_.faults[fault_index];
  SimNode& node = cluster_.node(index);
  StorageFaults& storage = storage_[index.value];
  node.may_fail = true;
  switch (fault.kind) {
    case FaultKind::kSyncError:
      storage.sync_error = fault.id;
      SetStorageFaults(index);
      return;
    case FaultKind::kReadError:
    case FaultKind::kBitRot:
    case FaultKind::kMisdirection:
    case FaultKind::kDroppedWrite:
      KillAt(index, fault, CrashKind::kProcess);
      storage.damage = {.kind = fault.kind,
                        .written = fault.shape == FaultShape::kWritten,
                        .draw = Draw(seed_, Purpose::kDiskDamage, fault.id, index.value)};
      SetStorageFaults(index);
      StartSoon(index);
      return;
    case FaultKind::kLostSync:
    case FaultKind::kRollback:
      cluster_.TakeImage(index);
      return;
    case FaultKind::kWipe:
      EndSwapOf(index);
      KillAt(index, fault, CrashKind::kPower);
      cluster_.WipeDisk(index);
      StartSoon(index);
      return;
    default:
      QUORATE_CHECK(false);
  }
}

void FaultExecutor::EndAt(NodeIndex index, uint32_t fault_index) {
  const Fault& fault = schedule_.faults[fault_index];
  SimNode& node = cluster_.node(index);
  StorageFaults& storage = storage_[index.value];
  if (fault.kind == FaultKind::kClockJump) return;  // it stays, and goes on counting
  if (!node.faults.End(fault.kind, fault_index)) return;
  switch (fault.kind) {
    case FaultKind::kCrash:
      node.crash_waits.reset();
      node.crash_in_tick.reset();
      StartIfFree(index);
      return;
    case FaultKind::kPause:
      cluster_.Resume(index);
      return;
    case FaultKind::kStop:
      StartIfFree(index);
      return;
    case FaultKind::kDiskStall:
      storage.stall = Duration(0);
      SetStorageFaults(index);
      return;
    case FaultKind::kDiskFull:
      storage.full = false;
      SetStorageFaults(index);
      return;
    case FaultKind::kCommitError:
      storage.fail = false;
      SetStorageFaults(index);
      cluster_.RestartIfFailed(index);
      StartIfFree(index);
      return;
    case FaultKind::kClockOffset:
      node.clock.SetOffset(Duration(0));
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kClockDrift:
      node.clock.SetDrift(agenda_.now(), 0);
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kWallFreeze:
      node.clock.ThawWall();
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kMonotonicFreeze:
      node.clock.ThawMonotonic(agenda_.now());
      cluster_.ClockChanged(index);
      return;
    case FaultKind::kMonotonicJump:
    case FaultKind::kSlowCpu:
    case FaultKind::kHalfOpen:
      return;
    default:
      return EndAtDisk(index, fault_index);
  }
}

void FaultExecutor::EndAtDisk(NodeIndex index, uint32_t fault_index) {
  const Fault& fault = schedule_.faults[fault_index];
  StorageFaults& storage = storage_[index.value];
  switch (fault.kind) {
    case FaultKind::kSyncError:
      storage.sync_error.reset();
      SetStorageFaults(index);
      return;
    case FaultKind::kReadError:
    case FaultKind::kBitRot:
    case FaultKind::kMisdirection:
    case FaultKind::kDroppedWrite:
      storage.damage.reset();
      SetStorageFaults(index);
      if (cluster_.Unhealthy(index)) KillAt(index, fault, CrashKind::kProcess);
      cluster_.RestartIfFailed(index);
      StartIfFree(index);
      return;
    case FaultKind::kLostSync:
    case FaultKind::kRollback:
      KillAt(index, fault, CrashKind::kPower);
      if (cluster_.RollBack(index, Draw(seed_, Purpose::kRestart, fault.id, index.value, 1))) {
        effects_.Count(fault_index);
      }
      StartIfFree(index);
      return;
    default:
      QUORATE_CHECK(false);
  }
}

void FaultExecutor::StartIfFree(NodeIndex index) {
  const SimNode& node = cluster_.node(index);
  if (node.up || node.faults.Has(FaultKind::kCrash) || node.faults.Has(FaultKind::kStop)) return;
  cluster_.Start(index);
}

// Whether a fault that stays leaves nothing of a node to the others. A node that is down may have
// come back with an older disk; a cut may have holes.
bool FaultExecutor::TakesWhole(const Fault& fault, NodeIndex index) const {
  switch (fault.kind) {
    case FaultKind::kCrash:
    case FaultKind::kWipe:
      return !cluster_.node(index).up;
    case FaultKind::kPartition:
      return fault.shape == FaultShape::kPlain && fault.amount == Duration(0) &&
             fault.messages == 0;
    case FaultKind::kOneWayCut:
      return fault.amount == Duration(0) && fault.messages == 0;
    default:
      return false;
  }
}

Absence FaultExecutor::AbsenceOf(NodeIndex index) const {
  if (!cluster_.node(index).frozen) return Absence::kNone;
  for (uint32_t i = 0; i < schedule_.faults.size(); ++i) {
    const Fault& fault = schedule_.faults[i];
    const bool has_it = in_force_[i] && fault.stays &&
                        std::binary_search(fault.nodes.begin(), fault.nodes.end(), index.value);
    if (has_it && TakesWhole(fault, index)) return Absence::kWhole;
  }
  return Absence::kDoubtful;
}

void FaultExecutor::Heal() {
  for (uint32_t i = 0; i < schedule_.faults.size(); ++i) {
    OnEnd(i);
    if (!in_force_[i]) continue;
    for (const uint32_t node : schedule_.faults[i].nodes) {
      cluster_.node(NodeIndex{node}).frozen = true;
    }
  }
  // Nobody else is woken: what waits for nothing must not hang.
  for (uint32_t i = 0; i < cluster_.size(); ++i) {
    SimNode& node = cluster_.node(NodeIndex{i});
    if (!node.clock.is_offset()) continue;
    node.clock.SetOffset(Duration(0));
    cluster_.ClockChanged(NodeIndex{i});
  }
}

}  // namespace quorate::sim
