// SPDX-License-Identifier: Apache-2.0
#include "sim/storage/memory_device.h"

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "sim/core/draw.h"

namespace quorate::sim {
namespace {

bool NeedsSync(const StorageRequest& request) {
  if (std::holds_alternative<SyncRequest>(request.what)) return true;
  const auto* commit = std::get_if<CommitRequest>(&request.what);
  return commit != nullptr && commit->durability == env::Durability::kAlways;
}

bool IsCommit(const StorageRequest& request) {
  return std::holds_alternative<CommitRequest>(request.what);
}

}  // namespace

absl::StatusOr<env::StorageBackend*> MemoryDevice::Open(uint32_t /*life*/, Duration& took) {
  if (faults_.full) return Unavailable("memory device: no space left");
  if (faults_.fail) return Internal("memory device: I/O error");
  // These rows have no bytes that could be wrong: whatever is damaged is found.
  if (faults_.damage && commits_ > 0) {
    ++effects_.damaged_reads;
    return DataLoss("memory device: damaged");
  }
  failed_ = absl::OkStatus();
  order_.Clear();
  took = model_.sync_min;
  return &rows_;
}

Duration MemoryDevice::Begin(std::span<const StorageRequest> group, SimTime /*now*/,
                             std::optional<SimTime> /*crash_at*/) {
  const uint64_t draw = Draw(seed_, Purpose::kCommitLatency, node_, groups_++);
  bool sync = false;
  bool commit = false;
  bool scan = false;
  for (const StorageRequest& request : group) {
    sync = sync || NeedsSync(request);
    commit = commit || IsCommit(request);
    if (IsCommit(request)) rows_.FetchAhead(std::get<CommitRequest>(request.what).batch);
    scan = scan || std::holds_alternative<ReadRequest>(request.what);
  }
  Duration latency = model_.write;
  if (sync) latency += model_.sync_min + Exponential(draw, model_.sync_tail_mean);
  if (scan) latency += model_.scan;
  if (sync && Chance(Mix(draw, 1), model_.slow_ppm)) {
    latency += Exponential(Mix(draw, 2), model_.slow_mean);
  }
  if (commit && faults_.stall > Duration(0)) {
    latency += faults_.stall;
    ++effects_.stalls;
  }
  return latency;
}

void MemoryDevice::Finish(std::span<const StorageRequest> group,
                          std::vector<StorageResult>& results) {
  bool synced = false;
  for (const StorageRequest& request : group) {
    std::visit(
        Overloaded{
            [&](const CommitRequest& commit) {
              const bool refuses = order_.Refuses(request.shard, commit.token);
              absl::Status status = refuses ? CommitOrder::Refusal() : Commit(commit);
              if (!refuses) order_.Note(request.shard, commit.token, status);
              results.push_back({request.shard, env::CommitDone{commit.token, std::move(status)}});
            },
            [&](const ReadRequest& read) {
              results.push_back({request.shard, env::ScanDone{read.token, rows_.Scan(read.scan)}});
            },
            [](const SyncRequest&) {},
            [](const MaintainRequest&) {},
        },
        request.what);
    synced = synced || NeedsSync(request);
  }
  if (synced && failed_.ok()) unsynced_.clear();
}

absl::Status MemoryDevice::Commit(const CommitRequest& request) {
  if (!failed_.ok()) return failed_;
  if (faults_.fail) {
    ++effects_.failures;
    failed_ = Internal("memory device: I/O error");
    return failed_;
  }
  if (std::exchange(sync_fails_, false)) {
    ++effects_.sync_errors;
    failed_ = Internal("memory device: I/O error");
    return failed_;
  }
  if (faults_.full) {
    ++effects_.refusals;
    return Unavailable("memory device: no space left");
  }
  const bool always = request.durability == env::Durability::kAlways;
  if (lose_last_commit_) {
    last_commit_.clear();
    Apply(request.batch, &last_commit_);
  } else {
    Apply(request.batch, always ? nullptr : &unsynced_);
  }
  return absl::OkStatus();
}

void MemoryDevice::Apply(const env::WriteBatch& batch, std::vector<Undo>* undo) {
  if (undo != nullptr) {
    batch.ForEach([this, undo](env::WriteBatch::Op, std::string_view key, std::string_view) {
      absl::StatusOr<std::optional<Bytes>> before = rows_.Get(key);
      QUORATE_CHECK(before.ok());
      undo->push_back({Bytes(key), *std::move(before)});
    });
  }
  QUORATE_CHECK(rows_.Commit(batch, true).ok());
  ++commits_;
}

void MemoryDevice::SetFaults(const StorageFaults& faults) {
  if (!faults.sync_error) {
    sync_fails_ = false;
  } else if (faults.sync_error != faults_.sync_error) {
    sync_fails_ = true;
  }
  faults_ = faults;
}

void MemoryDevice::TakeImage() {
  image_ = rows_;
  commits_of_image_ = commits_;
}

bool MemoryDevice::ReturnToImage(uint64_t /*draw*/) {
  if (!image_) return false;
  const bool stored = commits_ != commits_of_image_;
  rows_ = *image_;
  commits_of_image_ = commits_;
  unsynced_.clear();
  last_commit_.clear();
  return stored;
}

// Takes changes back, the last first.
void MemoryDevice::TakeBack(std::vector<Undo>& undo) {
  for (; !undo.empty(); undo.pop_back()) {
    const auto& [key, value] = undo.back();
    env::WriteBatch batch;
    if (value.has_value()) {
      batch.Put(key, *value);
    } else {
      batch.Delete(key);
    }
    QUORATE_CHECK(rows_.Commit(batch, true).ok());
  }
}

absl::Status MemoryDevice::Close(const env::WriteBatch& last) {
  if (!failed_.ok()) return failed_;
  if (faults_.full || faults_.fail) return Unavailable("memory device: a fault");
  Apply(last, nullptr);
  unsynced_.clear();
  last_commit_.clear();
  return absl::OkStatus();
}

// A group under way had reached the disk in part: a prefix of its commits is there. Nobody was
// told, so that is as good as any other outcome.
void MemoryDevice::Crash(CrashKind kind, std::span<const StorageRequest> group, uint64_t draw) {
  if (lose_last_commit_) TakeBack(last_commit_);
  if (kind == CrashKind::kPower) TakeBack(unsynced_);
  unsynced_.clear();
  if (!failed_.ok() || faults_.full || faults_.fail || lose_last_commit_) return;
  const size_t kept = static_cast<size_t>(Scale(draw, group.size() + 1));
  for (const StorageRequest& request : group.first(kept)) {
    const auto* commit = std::get_if<CommitRequest>(&request.what);
    if (commit != nullptr && !order_.Refuses(request.shard, commit->token)) {
      Apply(commit->batch, nullptr);
    }
  }
}

}  // namespace quorate::sim
