// SPDX-License-Identifier: Apache-2.0
// The embedded backend (journal and SQLite checkpoint) on a simulated disk. A group runs at one
// virtual instant and is done after the time its operations take; where the node is known to die
// before that, the disk lets through exactly the operations that end before the death.
#pragma once

#include <memory>
#include <optional>

#include "adapters/storage/journaled_backend.h"
#include "sim/disk/sim_disk.h"
#include "sim/storage/commit_order.h"
#include "sim/storage/storage_device.h"

namespace quorate::sim {

class DiskDevice final : public StorageDevice {
 public:
  DiskDevice(uint64_t seed, uint32_t node, PlantedBug planted);

  absl::StatusOr<env::StorageBackend*> Open(uint32_t life, Duration& took) override;
  absl::Status Recover(Duration& took) override;
  Duration Begin(std::span<const StorageRequest> group, SimTime now,
                 std::optional<SimTime> crash_at) override;
  void Finish(std::span<const StorageRequest> group, std::vector<StorageResult>& results) override;
  absl::Status Close(const env::WriteBatch& last) override;
  void Crash(CrashKind kind, std::span<const StorageRequest> group, uint64_t draw) override;
  [[nodiscard]] bool wants_maintenance() const override { return wants_maintenance_; }
  void SetFaults(const StorageFaults& faults) override;
  StorageEffects TakeEffects() override;
  void TakeImage() override { image_ = disk_; }
  void DropImage() override { image_.reset(); }
  bool ReturnToImage(uint64_t draw) override;

  [[nodiscard]] const SimDisk& disk() const { return disk_; }

 private:
  void Run(const StorageRequest& request, bool last_sync);
  absl::StatusOr<bool> Maintain();
  absl::StatusOr<bool> FinishUpkeep();
  void CountEffects();
  [[nodiscard]] storage::JournaledOptions Options() const;
  [[nodiscard]] std::vector<DiskDamage> ChooseDamage(const StorageFaults::Damage& damage) const;

  const uint64_t seed_;
  const PlantedBug planted_;
  SimDisk disk_;
  std::unique_ptr<storage::JournaledBackend> backend_;  // null between lives
  StorageFaults faults_;
  StorageEffects effects_;
  DiskEffects counted_;
  std::optional<SimDisk> image_;
  std::vector<StorageResult> results_;  // of the group under way
  CommitOrder order_;
  bool wants_maintenance_ = false;
  std::optional<absl::Status> step_ran_;  // of the step that is out, where it has run
};

}  // namespace quorate::sim
