// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/checkpoint.h"

#include <algorithm>

#include "adapters/storage/limits.h"

namespace quorate::storage {
namespace {

constexpr uint64_t kSchemaVersion = 1;

constexpr const char* kSchema =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE rows(key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;";

constexpr uint64_t kKibibyte = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Checkpoint>> Checkpoint::Open(env::FileSystem& files,
                                                             const CheckpointOptions& options) {
  std::unique_ptr<Checkpoint> checkpoint(new Checkpoint());
  checkpoint->file_ = options.name + ".db";
  QUORATE_ASSIGN_OR_RETURN(checkpoint->connection_,
                           SqliteConnection::Open(files, checkpoint->file_, options.seed));
  QUORATE_RETURN_IF_ERROR(checkpoint->Configure(options));
  QUORATE_RETURN_IF_ERROR(checkpoint->CheckSchema(options));
  QUORATE_RETURN_IF_ERROR(checkpoint->PrepareStatements());
  const absl::Status durable = checkpoint->MakeDurable();
  if (!absl::IsUnavailable(durable)) QUORATE_RETURN_IF_ERROR(durable);
  return checkpoint;
}

absl::Status Checkpoint::Configure(const CheckpointOptions& options) {
  wal_pages_max_ = std::max<uint64_t>(options.wal_pages_max, 1);
  const std::string pragmas = Format(
      "PRAGMA page_size=%d; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
      "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY;"
      "PRAGMA secure_delete=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-%d;",
      kPageBytes, std::max<uint64_t>(options.page_cache_bytes / kKibibyte, 1));
  QUORATE_RETURN_IF_ERROR(connection_->Execute(pragmas.c_str()));
  // Closing writes nothing: a backend that is dropped after an error must leave its disk alone.
  sqlite3_db_config(connection_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(connection_->handle(), &Checkpoint::CountWalPages, this);
  return absl::OkStatus();
}

int Checkpoint::CountWalPages(void* self, sqlite3*, const char*, int pages) {
  static_cast<Checkpoint*>(self)->wal_pages_ = static_cast<uint64_t>(pages);
  return SQLITE_OK;
}

absl::StatusOr<std::optional<uint64_t>> Checkpoint::ReadMeta(std::string_view name) {
  QUORATE_ASSIGN_OR_RETURN(
      SqliteStatement read,
      connection_->Prepare("SELECT value FROM meta WHERE name = CAST(?1 AS TEXT)"));
  read.BindBlob(1, name);
  const int code = read.Step();
  QUORATE_RETURN_IF_ERROR(connection_->StatusOf(code, "read meta"));
  if (code == SQLITE_DONE) return std::optional<uint64_t>();
  return std::optional<uint64_t>(read.Integer(0));
}

absl::Status Checkpoint::MakeSchema(uint64_t salt) {
  QUORATE_RETURN_IF_ERROR(connection_->Execute(kSchema));
  const std::string rows =
      Format("INSERT INTO meta VALUES('schema', %d), ('position', 0), ('salt', %d); COMMIT;",
             kSchemaVersion, static_cast<int64_t>(salt));
  return connection_->Execute(rows.c_str());
}

absl::Status Checkpoint::CheckSchema(const CheckpointOptions& options) {
  QUORATE_ASSIGN_OR_RETURN(SqliteStatement count,
                           connection_->Prepare("SELECT count(*) FROM sqlite_schema"));
  QUORATE_RETURN_IF_ERROR(connection_->StatusOf(count.Step(), "read the schema"));
  if (count.Integer(0) == 0) {
    count.Reset();
    QUORATE_RETURN_IF_ERROR(MakeSchema(options.salt));
  }
  count.Reset();
  QUORATE_ASSIGN_OR_RETURN(const std::optional<uint64_t> version, ReadMeta("schema"));
  QUORATE_ASSIGN_OR_RETURN(const std::optional<uint64_t> position, ReadMeta("position"));
  QUORATE_ASSIGN_OR_RETURN(const std::optional<uint64_t> salt, ReadMeta("salt"));
  if (!version || *version != kSchemaVersion) {
    return FailedPrecondition(
        Format("%s has schema version %d, this release reads %d: start the release that wrote it, "
               "or write a backup with that one and restore it here",
               file_, version.value_or(0), kSchemaVersion));
  }
  if (!position || !salt) return DataLoss(Format("%s: the journal position is missing", file_));
  position_ = {*position};
  salt_ = *salt;
  return absl::OkStatus();
}

absl::Status Checkpoint::PrepareStatements() {
  struct Line {
    SqliteStatement& statement;
    const char* sql;
  };
  const Line lines[] = {
      {put_, "REPLACE INTO rows VALUES(?1, ?2)"},
      {delete_, "DELETE FROM rows WHERE key = ?1"},
      {get_, "SELECT value FROM rows WHERE key = ?1"},
      {walk_, "SELECT key, value FROM rows WHERE key >= ?1 ORDER BY key"},
      {walk_to_, "SELECT key, value FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key"},
      {set_position_, "UPDATE meta SET value = ?1 WHERE name = 'position'"},
      {begin_, "BEGIN IMMEDIATE"},
      {commit_, "COMMIT"},
      {rollback_, "ROLLBACK"},
  };
  for (const Line& line : lines) {
    QUORATE_ASSIGN_OR_RETURN(line.statement, connection_->Prepare(line.sql));
  }
  return absl::OkStatus();
}

absl::Status Checkpoint::Begin() {
  EndWalk();
  next_position_ = position_;
  return connection_->StatusOf(begin_.Run(), "begin");
}

absl::Status Checkpoint::Put(std::string_view key, std::string_view value) {
  put_.BindBlob(1, key);
  put_.BindBlob(2, value);
  return connection_->StatusOf(put_.Run(), "put");
}

absl::Status Checkpoint::Delete(std::string_view key) {
  delete_.BindBlob(1, key);
  return connection_->StatusOf(delete_.Run(), "delete");
}

absl::Status Checkpoint::SetPosition(Sequence position) {
  set_position_.BindInteger(1, position.value);
  next_position_ = position;
  return connection_->StatusOf(set_position_.Run(), "set position");
}

absl::Status Checkpoint::Commit() {
  QUORATE_RETURN_IF_ERROR(connection_->StatusOf(commit_.Run(), "commit"));
  position_ = next_position_;
  return absl::OkStatus();
}

void Checkpoint::Rollback() {
  // SQLite may have ended the transaction already; then this fails, and nothing is left to undo.
  if (sqlite3_get_autocommit(connection_->handle()) == 0) static_cast<void>(rollback_.Run());
}

absl::Status Checkpoint::MakeDurable() {
  EndWalk();
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_FULL,
                                             nullptr, nullptr);
  QUORATE_RETURN_IF_ERROR(connection_->StatusOf(code, "checkpoint"));
  wal_pages_ = 0;
  position_is_durable_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Bytes>> Checkpoint::Get(std::string_view key) {
  get_.BindBlob(1, key);
  const int code = get_.Step();
  std::optional<Bytes> value;
  if (code == SQLITE_ROW) value = get_.Blob(0);
  get_.Reset();
  QUORATE_RETURN_IF_ERROR(connection_->StatusOf(code, "get"));
  return value;
}

void Checkpoint::Walk(std::string_view begin, std::string_view end) {
  EndWalk();
  walking_ = end.empty() ? &walk_ : &walk_to_;
  walking_->BindBlob(1, begin);
  if (!end.empty()) walking_->BindBlob(2, end);
}

absl::StatusOr<bool> Checkpoint::Next(std::string_view& key, std::string_view& value) {
  if (walking_ == nullptr) return false;
  const int code = walking_->Step();
  if (code == SQLITE_ROW) {
    key = walking_->Blob(0);
    value = walking_->Blob(1);
    return true;
  }
  EndWalk();
  QUORATE_RETURN_IF_ERROR(connection_->StatusOf(code, "scan"));
  return false;
}

void Checkpoint::EndWalk() {
  if (walking_ != nullptr) walking_->Reset();
  walking_ = nullptr;
}

}  // namespace quorate::storage
