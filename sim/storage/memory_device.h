// SPDX-License-Identifier: Apache-2.0
// Rows in memory that behave as if they were on a disk: commits take time, are lost by a crash
// before they are done, and by a power loss where they were not synced. A device without rows costs
// a few hundred bytes, so a thousand nodes have one each.
#pragma once

#include <optional>

#include "adapters/storage/memory_backend.h"
#include "sim/core/draw_epochs.h"
#include "sim/storage/commit_order.h"
#include "sim/storage/storage_device.h"

namespace quorate::sim {

struct MemoryModel {
  Duration sync_min = 90us;
  Duration sync_tail_mean = 60us;
  uint32_t slow_ppm = 2000;  // of groups that take long
  Duration slow_mean = 8ms;
  Duration write = 5us;  // a group without a sync
  Duration scan = 60us;  // and this per MiB
  Duration scan_per_mebibyte = 1000us;
};

class MemoryDevice final : public StorageDevice {
 public:
  // `lose_last_commit` plants a bug: a crash takes back the last commit that was said to be done.
  MemoryDevice(DrawSeed seed, uint32_t node, const MemoryModel& model, bool lose_last_commit)
      : seed_(seed), node_(node), model_(model), lose_last_commit_(lose_last_commit) {}

  absl::StatusOr<env::StorageBackend*> Open(uint32_t life, Duration& took) override;
  absl::Status Recover(Duration&) override { return absl::OkStatus(); }
  Duration Begin(std::span<const StorageRequest> group, SimTime now,
                 std::optional<SimTime> crash_at) override;
  void Finish(std::span<const StorageRequest> group, std::vector<StorageResult>& results) override;
  absl::Status Close(const env::WriteBatch& last) override;
  void Crash(CrashKind kind, std::span<const StorageRequest> group, uint64_t draw) override;
  [[nodiscard]] bool wants_maintenance() const override { return false; }
  void SetFaults(const StorageFaults& faults) override;
  StorageEffects TakeEffects() override { return std::exchange(effects_, {}); }
  void TakeImage() override;
  void DropImage() override { image_.reset(); }
  bool ReturnToImage(uint64_t draw) override;

 private:
  // The value a row had before an unsynced commit changed it.
  struct Undo {
    Bytes key;
    std::optional<Bytes> value;
  };
  absl::Status Commit(const CommitRequest& request);
  void Apply(const env::WriteBatch& batch, std::vector<Undo>* undo);
  void TakeBack(std::vector<Undo>& undo);

  CommitOrder order_;
  const DrawSeed seed_;
  const uint32_t node_;
  const MemoryModel model_;
  const bool lose_last_commit_;
  storage::MemoryBackend rows_;
  StorageFaults faults_;
  StorageEffects effects_;
  absl::Status failed_;
  bool sync_fails_ = false;  // the next one
  std::optional<storage::MemoryBackend> image_;
  uint64_t commits_ = 0;
  uint64_t commits_of_image_ = 0;
  std::vector<Undo> unsynced_;  // in order of change
  std::vector<Undo> last_commit_;
  uint64_t groups_ = 0;
};

}  // namespace quorate::sim
