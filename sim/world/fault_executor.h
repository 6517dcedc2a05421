// SPDX-License-Identifier: Apache-2.0
// Executes a fault schedule on a cluster, and nothing else: what, whom and when are in the
// schedule.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/draw_epochs.h"
#include "sim/world/cluster.h"

namespace quorate::sim {

class FaultExecutor {
 public:
  // All outlive this.
  FaultExecutor(DrawSeed seed, const Schedule& schedule, EffectCounter& effects, Agenda& agenda,
                Cluster& cluster);

  // Puts the whole schedule on the agenda.
  void Plan();
  void OnBegin(uint32_t fault);
  void OnEnd(uint32_t fault);
  // A crash that waited for a commit has waited enough.
  void OnCrashDue(NodeIndex node, uint32_t fault);
  // Ends what is still in force, starts what is down and sets the clocks right.
  void Heal();
  // How much the faults that stay have taken of a node. Requires: it was healed.
  [[nodiscard]] Absence AbsenceOf(NodeIndex node) const;
  // All machines lose power at once, and are started again. Requires: all are up.
  void CutPower();
  // Unless a fault keeps it down.
  void StartIfFree(NodeIndex node);

 private:
  void BeginAt(NodeIndex node, uint32_t index);
  void EndAt(NodeIndex node, uint32_t index);
  void BeginAtDisk(NodeIndex node, uint32_t index);
  void EndAtDisk(NodeIndex node, uint32_t index);
  void SwapDisks(const Fault& fault);
  void EndSwapOf(NodeIndex node);
  void KillAt(NodeIndex node, const Fault& fault, CrashKind kind);
  void StartSoon(NodeIndex node);
  void SetStorageFaults(NodeIndex node);
  void CrashAt(NodeIndex node, uint32_t index);
  [[nodiscard]] bool TakesWhole(const Fault& fault, NodeIndex node) const;

  const DrawSeed seed_;
  const Schedule& schedule_;
  EffectCounter& effects_;
  Agenda& agenda_;
  Cluster& cluster_;
  std::vector<bool> in_force_;          // by fault
  std::vector<StorageFaults> storage_;  // by node
};

}  // namespace quorate::sim
