// SPDX-License-Identifier: Apache-2.0
// The datastores that come with quorate: storage backends behind the hook.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "engine/env/storage.h"
#include "io/disk/data_directory.h"
#include "quorate/datastore.h"

namespace quorate::api {

// What a backend lives on, and the backend.
struct OpenedBackend {
  std::unique_ptr<io::DataDirectory> directory;  // none for memory
  std::unique_ptr<env::StorageBackend> backend;
};

// Not recovered yet. A directory of an older format is brought to the present one first.
[[nodiscard]] absl::StatusOr<OpenedBackend> OpenJournal(const JournalDatastoreOptions& options);

class BackendDatastore final : public Datastore {
 public:
  using Opener = std::function<absl::StatusOr<OpenedBackend>()>;
  explicit BackendDatastore(Opener open) : open_(std::move(open)) {}

  void Open(Done done) override;
  void Recover(Done done) override;
  void Commit(const Changes& changes, bool sync, Done done) override;
  void Sync(Done done) override;
  void Get(std::string_view key,
           std::function<void(Result<std::optional<std::string>>)> done) override;
  void Scan(const ScanRange& range, std::function<void(Result<ScanPage>)> done) override;
  void Maintain(std::function<void(Result<bool>)> done) override;
  void Close(Done done) override;
  [[nodiscard]] bool upkeep_beside_commits() const override {
    return opened_.backend->upkeep_beside_commits();
  }
  [[nodiscard]] DatastoreStats stats() const override;

 private:
  void NoteStats();

  const Opener open_;
  OpenedBackend opened_;
  mutable std::mutex mutex_;
  DatastoreStats stats_;  // under the mutex: the backend itself belongs to one thread
};

}  // namespace quorate::api
