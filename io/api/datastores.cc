// SPDX-License-Identifier: Apache-2.0
#include "io/api/datastores.h"

#include <algorithm>

#include "adapters/storage/journaled_backend.h"
#include "adapters/storage/limits.h"
#include "adapters/storage/memory_backend.h"
#include "io/api/api_limits.h"
#include "io/api/datastore_backend.h"
#include "io/api/entropy.h"
#include "io/api/shared_journal.h"
#include "io/api/status_bridge.h"

namespace quorate {
namespace api {

namespace {

absl::StatusOr<storage::JournaledOptions> OptionsOf(const JournalDatastoreOptions& options) {
  storage::JournaledOptions journaled;
  QUORATE_ASSIGN_OR_RETURN(journaled.salt, RandomBits());
  if (options.journal_bytes_max != 0) {
    journaled.journal_bytes_max = options.journal_bytes_max;
    journaled.segment_bytes = std::clamp(options.journal_bytes_max / kSegmentsPerJournal,
                                         storage::kSegmentBytesMin, storage::kSegmentBytes);
  }
  if (options.dirty_bytes_max != 0) journaled.dirty_bytes_max = options.dirty_bytes_max;
  return journaled;
}

// From format 1: the early rows may be in the journal, which is swept for once.
absl::Status Upgrade(io::DataDirectory& directory, const storage::JournaledOptions& options) {
  QUORATE_ASSIGN_OR_RETURN(const auto backend,
                           storage::JournaledBackend::OpenRecovered(directory.files(), options));
  QUORATE_RETURN_IF_ERROR(backend->Close());
  if (!backend->swept()) {
    return Unavailable(
        Format("data directory %s has format %d, and the disk is too full to bring "
               "it to format %d",
               directory.path(), directory.format(), io::kDataFormat));
  }
  return directory.Upgraded();
}

}  // namespace

absl::StatusOr<OpenedBackend> OpenJournal(const JournalDatastoreOptions& options) {
  OpenedBackend opened;
  QUORATE_ASSIGN_OR_RETURN(opened.directory, io::DataDirectory::Open(options.directory));
  QUORATE_ASSIGN_OR_RETURN(const storage::JournaledOptions journaled, OptionsOf(options));
  if (opened.directory->format() != io::kDataFormat) {
    QUORATE_RETURN_IF_ERROR(Upgrade(*opened.directory, journaled));
  }
  QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<storage::JournaledBackend> journal,
                           storage::JournaledBackend::Open(opened.directory->files(), journaled));
  opened.backend = std::make_unique<SharedJournal>(std::move(journal));
  return opened;
}

void BackendDatastore::Open(Done done) {
  auto opened = open_();
  if (opened.ok()) {
    opened_ = *std::move(opened);
    NoteStats();
  }
  done(ToPublic(opened.status()));
}

void BackendDatastore::Recover(Done done) {
  const absl::Status recovered = opened_.backend->Recover();
  NoteStats();
  done(ToPublic(recovered));
}

void BackendDatastore::Commit(const Changes& changes, bool sync, Done done) {
  absl::Status status;
  // The node's own commits are batches already.
  if (const auto* own = dynamic_cast<const BatchChanges*>(&changes)) {
    status = opened_.backend->Commit(own->batch(), sync);
  } else {
    env::WriteBatch batch;
    changes.ForEach([&](std::string_view key, std::optional<std::string_view> value) {
      if (value) {
        batch.Put(key, *value);
      } else {
        batch.Delete(key);
      }
    });
    status = opened_.backend->Commit(batch, sync);
  }
  NoteStats();
  done(ToPublic(status));
}

void BackendDatastore::Sync(Done done) { done(ToPublic(opened_.backend->Sync())); }

void BackendDatastore::Get(std::string_view key,
                           std::function<void(Result<std::optional<std::string>>)> done) {
  auto found = opened_.backend->Get(key);
  if (found.ok()) {
    done(*std::move(found));
  } else {
    done(ToPublic(found.status()));
  }
}

void BackendDatastore::Scan(const ScanRange& range, std::function<void(Result<ScanPage>)> done) {
  auto result =
      opened_.backend->Scan({std::string(range.begin), std::string(range.end), range.bytes_max});
  if (!result.ok()) {
    done(ToPublic(result.status()));
    return;
  }
  ScanPage page;
  page.complete = result->complete;
  page.rows.reserve(result->rows.size());
  for (env::Row& row : result->rows) {
    page.rows.push_back({std::move(row.key), std::move(row.value)});
  }
  done(std::move(page));
}

void BackendDatastore::Maintain(std::function<void(Result<bool>)> done) {
  const auto more = opened_.backend->Maintain();
  NoteStats();
  if (more.ok()) {
    done(*more);
  } else {
    done(ToPublic(more.status()));
  }
}

void BackendDatastore::Close(Done done) {
  const absl::Status status = opened_.backend->Close();
  NoteStats();
  opened_.backend.reset();
  opened_.directory.reset();
  done(ToPublic(status));
}

DatastoreStats BackendDatastore::stats() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stats_;
}

void BackendDatastore::NoteStats() {
  const env::StorageBackend::Stats now = opened_.backend->stats();
  const std::lock_guard<std::mutex> lock(mutex_);
  stats_ = {now.journal_bytes, now.journal_bytes_max, now.dirty_bytes, now.dirty_bytes_max,
            now.checkpoints};
}

}  // namespace api

std::unique_ptr<Datastore> MakeJournalDatastore(JournalDatastoreOptions options) {
  return std::make_unique<api::BackendDatastore>(
      [options = std::move(options)] { return api::OpenJournal(options); });
}

std::unique_ptr<Datastore> MakeMemoryDatastore() {
  return std::make_unique<api::BackendDatastore>([] {
    api::OpenedBackend opened;
    opened.backend = std::make_unique<storage::MemoryBackend>();
    return opened;
  });
}

}  // namespace quorate
