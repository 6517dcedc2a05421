// SPDX-License-Identifier: Apache-2.0
// The storage of one node, shared by its shards: one ordered queue, in which everything that waits
// when the device becomes free makes one group with one sync. Commits complete in order; several of
// a shard may be under way.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/env/storage.h"
#include "engine/hash/digest.h"
#include "sim/storage/storage_device.h"

namespace quorate::sim {

class NodeStorage {
 public:
  explicit NodeStorage(std::unique_ptr<StorageDevice> device) : device_(std::move(device)) {}

  // The rows for a new life, to be recovered. Requires: nothing is queued.
  absl::StatusOr<env::StorageBackend*> Open(uint32_t life, Duration& took) {
    auto opened = device_->Open(life, took);
    Look();
    return opened;
  }
  absl::Status Recover(Duration& took) {
    absl::Status recovered = device_->Recover(took);
    Look();
    return recovered;
  }

  void Submit(StorageRequest request) {
    queue_.push_back(std::move(request));
    has_work_ = true;
  }
  // Of a commit that a shard submits.
  void CountContent(const env::WriteBatch& batch) {
    content_hash_ = hash::Digest(batch.rep(), content_hash_);
  }
  // Of all commits ever submitted here, in order.
  [[nodiscard]] uint64_t content_hash() const { return content_hash_; }
  // False where Begin would begin nothing. Asked after every tick of a node, so it looks at one
  // place in memory only.
  [[nodiscard]] bool can_begin() const { return has_work_ && group_.empty(); }
  // Begins the next group if the device is free and something waits. Returns when it will be done.
  std::optional<SimTime> Begin(SimTime now, std::optional<SimTime> crash_at);
  // The group of the last Begin is done: gives its results. Requires: busy().
  [[nodiscard]] std::vector<StorageResult> Finish(SimTime now);
  [[nodiscard]] bool busy() const { return !group_.empty(); }
  // When the storage wants Tick, if ever: for the sync of what was not synced at once.
  [[nodiscard]] std::optional<SimTime> sync_due() const { return sync_due_; }
  void Tick(SimTime now);

  // The orderly end of a life, after its shards have stopped, with its last commit. False where the
  // device refuses: then the life must end with a crash. Requires: !busy().
  [[nodiscard]] bool Close(const env::WriteBatch& last);
  void Crash(CrashKind kind, uint64_t draw);
  void SetFaults(const StorageFaults& faults) {
    device_->SetFaults(faults);
    Look();
  }
  [[nodiscard]] StorageEffects TakeEffects() { return device_->TakeEffects(); }
  void TakeImage() { device_->TakeImage(); }
  void DropImage() { device_->DropImage(); }
  bool ReturnToImage(uint64_t draw) { return device_->ReturnToImage(draw); }
  // Commits submitted and not yet answered.
  [[nodiscard]] uint64_t commits_in_flight() const;

 private:
  void Look() { has_work_ = !queue_.empty() || device_->wants_maintenance(); }

  bool has_work_ = false;              // something is queued, or the device wants maintenance
  std::vector<StorageRequest> group_;  // under way; empty: the device is free
  std::unique_ptr<StorageDevice> device_;
  std::deque<StorageRequest> queue_;
  std::optional<SimTime> sync_due_;
  uint64_t content_hash_ = 0;
};

// What one shard sees of it.
class ShardStorage final : public env::Storage {
 public:
  ShardStorage(NodeStorage& node, uint16_t shard) : node_(node), shard_(shard) {}
  void Commit(env::WriteBatch batch, env::Durability durability, env::CommitToken token) override {
    node_.CountContent(batch);
    node_.Submit({shard_, CommitRequest{std::move(batch), durability, token}});
  }
  void Scan(env::ScanRequest request, env::ReadToken token) override {
    node_.Submit({shard_, ReadRequest{std::move(request), token}});
  }

 private:
  NodeStorage& node_;
  const uint16_t shard_;
};

}  // namespace quorate::sim
