// SPDX-License-Identifier: Apache-2.0
// What the storage of the nodes does when, and what its faults have changed.
#include <utility>

#include "sim/core/draw.h"
#include "sim/world/cluster.h"
#include "sim/world/limits.h"

namespace quorate::sim {

void Cluster::BeginStorage(NodeIndex index, SimTime at) {
  const MemoryOf storage(agenda_.memory(), MemoryPart::kStorage);
  SimNode& node = nodes_[index.value];
  if (!node.storage->can_begin() || HasStopped(node)) return;
  while (!node.crashes.empty() && node.crashes.back() <= agenda_.now()) node.crashes.pop_back();
  std::optional<SimTime> crash_at;
  if (!node.crashes.empty()) crash_at = node.crashes.back();
  if (node.crash_waits) {
    const uint64_t draw = Draw(seed_, Purpose::kRestart, index.value, *node.crash_waits, 2);
    const bool stalled = node.faults.Has(FaultKind::kDiskStall);
    crash_at = at + Uniform(draw, Duration(0), stalled ? kCrashInStallMax : kCrashInCommitMax);
  }
  const std::optional<SimTime> done = node.storage->Begin(at, crash_at);
  CountStorageEffects(index);
  if (!done) return;
  if (node.crash_waits && crash_at) {
    agenda_.At(*crash_at,
               {.action = Action::kCrashDue, .node = index.value, .peer = *node.crash_waits});
    node.crash_waits.reset();
  }
  agenda_.At(*done, {.argument = node.life, .action = Action::kStorage, .node = index.value});
}

void Cluster::OnStorage(NodeIndex index, uint64_t life) {
  SimNode& node = nodes_[index.value];
  if (!node.up || node.life != life) return;
  const MemoryOf storage(agenda_.memory(), MemoryPart::kStorage);
  const uint64_t content = node.storage->content_hash();
  std::vector<StorageResult> results = node.storage->Finish(agenda_.now());
  CountStorageEffects(index);
  const bool scan =
      !results.empty() && std::holds_alternative<env::ScanDone>(results.front().event);
  agenda_.Happened(scan ? EventKind::kScanDone : EventKind::kCommitDone, index,
                   results.empty() ? uint16_t{0} : results.front().shard, kNoNode.value,
                   KeyedHash(content, results.size()));
  NoteFailedCommits(index, results);
  for (StorageResult& result : results) AddInput(index, result.shard, std::move(result.event));
  BeginStorage(index, agenda_.now());
  if (HasStopped(node)) {
    agenda_.At(agenda_.now(), {.argument = life, .action = Action::kStopped, .node = index.value});
  }
  const std::optional<SimTime> sync = node.storage->sync_due();
  if (!sync || node.sync_at == *sync) return;
  node.sync_at = *sync;
  agenda_.At(*sync, {.argument = life, .action = Action::kStorageSync, .node = index.value});
}

void Cluster::NoteFailedCommits(NodeIndex index, const std::vector<StorageResult>& results) {
  SimNode& node = nodes_[index.value];
  for (const StorageResult& result : results) {
    const auto* done = std::get_if<env::CommitDone>(&result.event);
    if (done == nullptr || done->status.ok() || absl::IsUnavailable(done->status)) continue;
    if (!node.may_fail) {
      fail_({FailureKind::kUnhealthy, "commit", "a sound disk takes every commit",
             Format("node %u: %s", index.value, MessageOf(done->status)), agenda_.current()});
    }
    if (std::exchange(node.storage_failed, true)) return;
    agenda_.At(agenda_.now() + kStartRetry, {.action = Action::kStart, .node = index.value});
    return;
  }
}

void Cluster::OnStorageSync(NodeIndex index, uint64_t life) {
  SimNode& node = nodes_[index.value];
  if (!node.up || node.life != life) return;
  node.storage->Tick(agenda_.now());
  BeginStorage(index, agenda_.now());
}

void Cluster::CountStorageEffects(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  const StorageEffects effects = node.storage->TakeEffects();
  const auto count = [&](FaultKind kind, uint64_t times) {
    for (uint64_t i = 0; i < times; ++i) node.faults.Count(kind, effects_);
  };
  count(FaultKind::kDiskStall, effects.stalls);
  count(FaultKind::kDiskFull, effects.refusals);
  count(FaultKind::kCommitError, effects.failures);
  count(FaultKind::kSyncError, effects.sync_errors);
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kBitRot, FaultKind::kMisdirection,
                               FaultKind::kDroppedWrite}) {
    count(kind, effects.damaged_reads);
  }
  if (effects.failures + effects.sync_errors == 0) return;
  agenda_.TellAll([&](WorldObserver& observer) { observer.StorageFailed(index, agenda_.now()); });
}

}  // namespace quorate::sim
