// SPDX-License-Identifier: Apache-2.0
// The rows as of a journal position, in one SQLite table keyed by bytes. It is written by the
// sweep: large transactions of keys in ascending order, so that each page is written once per
// sweep, not once per row.
//
// Write-ahead logging with exclusive locking and synchronous=NORMAL was chosen over a rollback
// journal: a transaction then appends pages and needs no sync at all, so that the steps of a sweep
// may be small; `MakeDurable` pays two syncs for all of them. (A rollback journal pays three syncs
// per transaction and writes as many bytes.) Nothing depends on a transaction's durability before
// MakeDurable: what it holds is still in the journal.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/storage/journal_format.h"
#include "adapters/storage/sqlite.h"

namespace quorate::storage {

struct CheckpointOptions {
  std::string name = "store";
  uint64_t page_cache_bytes = 0;
  uint64_t wal_pages_max = 0;
  uint64_t salt = 0;  // of the journal; kept from the first open on
  uint64_t seed = 0;  // what SQLite gets as randomness from its files
};

class Checkpoint {
 public:
  // Makes the database where there is none, and makes what it finds durable where there is room for
  // that. Errors: Unavailable where there is no room for a new database; FailedPrecondition for
  // another schema version, and as SqliteConnection.
  static absl::StatusOr<std::unique_ptr<Checkpoint>> Open(env::FileSystem& files,
                                                          const CheckpointOptions& options);

  // Whether what Open found is durable; on a full disk it could not make it so. Until the next
  // MakeDurable the position is not a reason to cut the journal then.
  [[nodiscard]] bool position_is_durable() const { return position_is_durable_; }
  // The journal position that the rows correspond to.
  [[nodiscard]] Sequence position() const { return position_; }
  [[nodiscard]] uint64_t salt() const { return salt_; }

  // A transaction: after an error in any of its calls, Rollback ends it and nothing was changed.
  absl::Status Begin();
  absl::Status Put(std::string_view key, std::string_view value);
  absl::Status Delete(std::string_view key);
  absl::Status SetPosition(Sequence position);
  absl::Status Commit();
  void Rollback();

  // Copies the write-ahead log into the database file and syncs both. Unavailable where there is no
  // room; everything stays readable then.
  absl::Status MakeDurable();
  // Whether the write-ahead log has reached its limit.
  [[nodiscard]] bool WalIsFull() const { return wal_pages_ >= wal_pages_max_; }

  absl::StatusOr<std::optional<Bytes>> Get(std::string_view key);

  // Rows with begin <= key < end, ascending; an empty end is none. One walk at a time; the bounds
  // must outlive it. Ends the last walk.
  void Walk(std::string_view begin, std::string_view end);
  // The next row, valid until the next call; false at the end.
  absl::StatusOr<bool> Next(std::string_view& key, std::string_view& value);
  void EndWalk();

 private:
  Checkpoint() = default;
  absl::Status Configure(const CheckpointOptions& options);
  absl::Status MakeSchema(uint64_t salt);
  absl::StatusOr<std::optional<uint64_t>> ReadMeta(std::string_view name);
  absl::Status CheckSchema(const CheckpointOptions& options);
  absl::Status PrepareStatements();
  static int CountWalPages(void* self, sqlite3* database, const char* name, int pages);

  std::string file_;
  std::unique_ptr<SqliteConnection> connection_;  // outlives the statements
  SqliteStatement put_, delete_, get_, walk_, walk_to_, set_position_, begin_, commit_, rollback_;
  SqliteStatement* walking_ = nullptr;
  Sequence position_;
  Sequence next_position_;  // of the transaction
  uint64_t salt_ = 0;
  uint64_t wal_pages_ = 0;
  uint64_t wal_pages_max_ = 0;
  bool position_is_durable_ = false;
};

}  // namespace quorate::storage
