// SPDX-License-Identifier: Apache-2.0
#include "sim/storage/disk_device.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "sim/core/draw.h"
#include "sim/storage/journal_damage.h"
#include "sim/storage/limits.h"

namespace quorate::sim {

DiskDevice::DiskDevice(uint64_t seed, uint32_t node, PlantedBug planted)
    : seed_(Draw(seed, Purpose::kDisk, node)), planted_(planted), disk_(seed_) {}

storage::JournaledOptions DiskDevice::Options() const {
  storage::JournaledOptions options;
  options.segment_bytes = kSimSegmentBytes;
  options.journal_bytes_max = kSimJournalBytes;
  options.dirty_bytes_max = kSimDirtyBytes;
  options.sweep_rows_max = kSimSweepRows;
  options.page_cache_bytes = kSimPageCacheBytes;
  options.salt = Mix(seed_, 1);
  options.planted = planted_;
  return options;
}

absl::StatusOr<env::StorageBackend*> DiskDevice::Open(uint32_t life, Duration& took) {
  QUORATE_CHECK(backend_ == nullptr);
  storage::JournaledOptions options = Options();
  options.sqlite_seed = Mix(seed_, uint64_t{life} + 2);
  absl::StatusOr<std::unique_ptr<storage::JournaledBackend>> opened =
      storage::JournaledBackend::Open(disk_, options);
  took = disk_.TakeLatency();
  CountEffects();
  if (!opened.ok()) return opened.status();
  backend_ = *std::move(opened);
  return static_cast<env::StorageBackend*>(backend_.get());
}

absl::Status DiskDevice::Recover(Duration& took) {
  absl::Status recovered = backend_->Recover();
  took += disk_.TakeLatency();
  CountEffects();
  return recovered;
}

Duration DiskDevice::Begin(std::span<const StorageRequest> group, SimTime now,
                           std::optional<SimTime> crash_at) {
  QUORATE_CHECK(backend_ != nullptr);
  QUORATE_CHECK(results_.empty());
  if (crash_at) disk_.CrashAfterLatency(std::max(Duration(0), *crash_at - now));
  // One sync at the end is the group's.
  size_t last_commit = group.size();
  bool sync = false;
  for (size_t i = 0; i < group.size(); ++i) {
    if (const auto* commit = std::get_if<CommitRequest>(&group[i].what)) {
      last_commit = i;
      sync = sync || commit->durability == env::Durability::kAlways;
    }
  }
  for (size_t i = 0; i < group.size(); ++i) Run(group[i], sync && i == last_commit);
  Duration latency = disk_.TakeLatency();
  if (last_commit < group.size() && faults_.stall > Duration(0)) {
    latency += faults_.stall;
    ++effects_.stalls;
  }
  CountEffects();
  return latency;
}

void DiskDevice::Run(const StorageRequest& request, bool last_sync) {
  std::visit(Overloaded{
                 [&](const CommitRequest& commit) {
                   absl::Status status = CommitOrder::Refusal();
                   if (!order_.Refuses(request.shard, commit.token)) {
                     if (backend_->MustWait(commit.batch)) static_cast<void>(FinishUpkeep());
                     status = backend_->Commit(commit.batch, last_sync);
                     order_.Note(request.shard, commit.token, status);
                   }
                   results_.push_back({request.shard, env::CommitDone{commit.token, status}});
                   wants_maintenance_ = true;
                 },
                 [&](const ReadRequest& read) {
                   static_cast<void>(FinishUpkeep());
                   results_.push_back(
                       {request.shard, env::ScanDone{read.token, backend_->Scan(read.scan)}});
                 },
                 [&](const SyncRequest&) { static_cast<void>(backend_->Sync()); },
                 [&](const MaintainRequest&) {
                   const absl::StatusOr<bool> more = Maintain();
                   wants_maintenance_ = more.ok() && *more;
                 },
             },
             request.what);
}

// One part of a step each time, so that commits, and crashes, fall between any two of them.
absl::StatusOr<bool> DiskDevice::Maintain() {
  if (!backend_->step_is_out()) return backend_->PrepareStep();
  if (step_ran_) return FinishUpkeep();
  step_ran_ = backend_->RunStep();
  return true;
}

absl::StatusOr<bool> DiskDevice::FinishUpkeep() {
  if (!backend_->step_is_out()) return false;
  if (!step_ran_) step_ran_ = backend_->RunStep();
  const absl::Status ran = *std::exchange(step_ran_, std::nullopt);
  return backend_->FinishStep(ran);
}

void DiskDevice::Finish(std::span<const StorageRequest> /*group*/,
                        std::vector<StorageResult>& results) {
  // A failed sync of the group's last commit means none of them is durable.
  absl::Status failed;
  for (const StorageResult& result : results_) {
    const auto* done = std::get_if<env::CommitDone>(&result.event);
    if (done != nullptr && !done->status.ok()) failed = done->status;
  }
  for (StorageResult& result : results_) {
    auto* done = std::get_if<env::CommitDone>(&result.event);
    if (done != nullptr && !failed.ok() && !absl::IsUnavailable(failed)) done->status = failed;
    results.push_back(std::move(result));
  }
  results_.clear();
}

absl::Status DiskDevice::Close(const env::WriteBatch& last) {
  static_cast<void>(FinishUpkeep());
  QUORATE_RETURN_IF_ERROR(backend_->Commit(last, /*sync=*/true));
  QUORATE_RETURN_IF_ERROR(backend_->Close());
  backend_.reset();
  disk_.Kill();
  step_ran_.reset();
  order_.Clear();
  wants_maintenance_ = false;
  return absl::OkStatus();
}

void DiskDevice::Crash(CrashKind kind, std::span<const StorageRequest> /*group*/, uint64_t draw) {
  backend_.reset();
  step_ran_.reset();
  order_.Clear();
  results_.clear();
  wants_maintenance_ = false;
  if (kind == CrashKind::kPower) {
    disk_.Crash(draw);
  } else {
    disk_.Kill();
  }
}

void DiskDevice::SetFaults(const StorageFaults& faults) {
  DiskFaults disk;
  if (faults.fail) disk.sync_error_ppm = 1'000'000;
  if (faults.full) disk.capacity_bytes = disk_.used_bytes();
  // What is still to fail goes on to, and what has failed does not again.
  if (faults.sync_error) {
    disk.syncs_to_fail =
        faults.sync_error == faults_.sync_error ? disk_.faults().syncs_to_fail : uint64_t{1};
  }
  disk_.set_faults(disk);
  if (faults.damage != faults_.damage) {
    disk_.SetDamage(faults.damage ? ChooseDamage(*faults.damage) : std::vector<DiskDamage>());
  }
  faults_ = faults;
}

std::vector<DiskDamage> DiskDevice::ChooseDamage(const StorageFaults::Damage& damage) const {
  return DamageJournal(disk_, Options(), damage);
}

bool DiskDevice::ReturnToImage(uint64_t draw) {
  QUORATE_CHECK(backend_ == nullptr);
  if (!image_) return false;
  const bool stored = disk_.changes() != image_->changes();
  disk_.RestoreFrom(*image_);
  disk_.Crash(draw);
  return stored;
}

void DiskDevice::CountEffects() {
  const DiskEffects& now = disk_.effects();
  effects_.refusals += now.refused_writes - counted_.refused_writes;
  const uint64_t failed = now.failed_syncs - counted_.failed_syncs;
  (faults_.fail ? effects_.failures : effects_.sync_errors) += failed;
  effects_.damaged_reads += now.damaged_reads - counted_.damaged_reads;
  counted_ = now;
}

StorageEffects DiskDevice::TakeEffects() { return std::exchange(effects_, {}); }

}  // namespace quorate::sim
