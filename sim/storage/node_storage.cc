// SPDX-License-Identifier: Apache-2.0
#include "sim/storage/node_storage.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/storage/limits.h"

namespace quorate::sim {
namespace {

bool IsCommit(const StorageRequest& request) {
  return std::holds_alternative<CommitRequest>(request.what);
}

bool IsUnsynced(const StorageRequest& request) {
  const auto* commit = std::get_if<CommitRequest>(&request.what);
  return commit != nullptr && commit->durability == env::Durability::kPeriodic;
}

}  // namespace

std::optional<SimTime> NodeStorage::Begin(SimTime now, std::optional<SimTime> crash_at) {
  if (!can_begin()) return std::nullopt;
  if (queue_.empty()) queue_.push_back({0, MaintainRequest{}});
  while (!queue_.empty() && group_.size() < kGroupRequestsMax) {
    group_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  const Duration latency = device_->Begin(group_, now, crash_at);
  Look();
  return now + latency;
}

std::vector<StorageResult> NodeStorage::Finish(SimTime now) {
  QUORATE_CHECK(busy());
  std::vector<StorageResult> results;
  results.reserve(group_.size());
  device_->Finish(group_, results);
  if (!sync_due_ && std::any_of(group_.begin(), group_.end(), IsUnsynced)) {
    sync_due_ = now + kPeriodicSync;
  }
  group_.clear();
  Look();
  return results;
}

void NodeStorage::Tick(SimTime now) {
  if (!sync_due_ || now < *sync_due_) return;
  sync_due_.reset();
  Submit({0, SyncRequest{}});
}

bool NodeStorage::Close(const env::WriteBatch& last) {
  QUORATE_CHECK(!busy());
  if (!device_->Close(last).ok()) return false;
  queue_.clear();
  sync_due_.reset();
  Look();
  return true;
}

void NodeStorage::Crash(CrashKind kind, uint64_t draw) {
  device_->Crash(kind, group_, draw);
  queue_.clear();
  group_.clear();
  sync_due_.reset();
  Look();
}

uint64_t NodeStorage::commits_in_flight() const {
  const auto in_group = std::count_if(group_.begin(), group_.end(), IsCommit);
  const auto queued = std::count_if(queue_.begin(), queue_.end(), IsCommit);
  return static_cast<uint64_t>(in_group + queued);
}

}  // namespace quorate::sim
