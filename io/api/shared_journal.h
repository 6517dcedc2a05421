// SPDX-License-Identifier: Apache-2.0
// The journaled backend for several threads: commits go on while one thread sweeps and another one
// syncs. The lock is held for what commits and upkeep have in common; the long parts run outside of
// it (see JournaledBackend::RunStep and RunSync).
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "adapters/storage/journaled_backend.h"

namespace quorate::api {

class SharedJournal final : public env::StorageBackend {
 public:
  explicit SharedJournal(std::unique_ptr<storage::JournaledBackend> backend)
      : backend_(std::move(backend)) {}

  absl::Status Recover() override;
  absl::Status Commit(const env::WriteBatch& batch, bool sync) override;
  absl::Status Sync() override;
  absl::StatusOr<std::optional<Bytes>> Get(std::string_view key) override;
  absl::StatusOr<env::ScanResult> Scan(const env::ScanRequest& request) override;
  absl::StatusOr<bool> Maintain() override;
  [[nodiscard]] bool upkeep_beside_commits() const override { return true; }
  absl::Status Close() override;
  [[nodiscard]] Stats stats() const override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  // Waits until the condition holds, ahead of the next step of the upkeep: it would otherwise take
  // the lock again at once, and keep a writer out for as long as it has work.
  template <typename Condition>
  void WaitFor(Lock& lock, Condition&& condition);
  [[nodiscard]] bool step_is_out() const { return backend_->step_is_out(); }
  [[nodiscard]] bool sync_is_out() const { return backend_->sync_is_out(); }

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // a part was finished, or the last waiter got its turn
  size_t waiting_ = 0;
  const std::unique_ptr<storage::JournaledBackend> backend_;
};

}  // namespace quorate::api
