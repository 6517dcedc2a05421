// SPDX-License-Identifier: Apache-2.0
// The engine's blocking form of storage over the hook. The thread that it blocks is the storage
// thread, which has nothing else to do.
#pragma once

#include "engine/env/storage.h"
#include "quorate/datastore.h"

namespace quorate::api {

// A commit as the hook sees it.
class BatchChanges final : public Changes {
 public:
  explicit BatchChanges(const env::WriteBatch& batch) : batch_(batch) {}
  [[nodiscard]] size_t size() const override { return batch_.operations(); }
  void ForEach(const Visitor& visit) const override;
  [[nodiscard]] const env::WriteBatch& batch() const { return batch_; }

 private:
  const env::WriteBatch& batch_;
};

class DatastoreBackend final : public env::StorageBackend {
 public:
  // Borrowed.
  explicit DatastoreBackend(Datastore& datastore) : datastore_(datastore) {}

  absl::Status Open();
  absl::Status Recover() override;
  absl::Status Commit(const env::WriteBatch& batch, bool sync) override;
  absl::Status Sync() override;
  absl::StatusOr<std::optional<Bytes>> Get(std::string_view key) override;
  absl::StatusOr<env::ScanResult> Scan(const env::ScanRequest& request) override;
  absl::StatusOr<bool> Maintain() override;
  [[nodiscard]] bool upkeep_beside_commits() const override {
    return datastore_.upkeep_beside_commits();
  }
  absl::Status Close() override;
  [[nodiscard]] Stats stats() const override;

 private:
  Datastore& datastore_;
};

}  // namespace quorate::api
