// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/sqlite.h"

#include "engine/base/check.h"

namespace quorate::storage {

void SqliteStatement::BindBlob(int index, std::string_view bytes) {
  // A null pointer would bind NULL, not an empty blob.
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  QUORATE_CHECK(sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC) ==
                SQLITE_OK);
}

void SqliteStatement::BindInteger(int index, uint64_t value) {
  QUORATE_CHECK(sqlite3_bind_int64(statement_.get(), index, static_cast<sqlite3_int64>(value)) ==
                SQLITE_OK);
}

int SqliteStatement::Run() {
  const int code = Step();
  Reset();
  return code;
}

std::string_view SqliteStatement::Blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), data == nullptr ? 0 : static_cast<size_t>(size)};
}

uint64_t SqliteStatement::Integer(int column) const {
  return static_cast<uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(env::FileSystem& files,
                                                                         const std::string& file,
                                                                         uint64_t seed) {
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(files, file, seed));
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, kFlags, connection->vfs_.name().c_str());
  connection->handle_.reset(handle);  // given even where opening failed
  QUORATE_RETURN_IF_ERROR(connection->StatusOf(code, "open"));
  return connection;
}

absl::Status SqliteConnection::Execute(const char* sql) {
  return StatusOf(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr), sql);
}

absl::StatusOr<SqliteStatement> SqliteConnection::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  QUORATE_RETURN_IF_ERROR(StatusOf(code, sql));
  return SqliteStatement(statement);
}

absl::Status SqliteConnection::StatusOf(int code, std::string_view what) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return absl::OkStatus();
  const absl::Status cause = vfs_.TakeError();
  const std::string text = Format("%s: SQLite error %d in \"%s\"%s%s", file_, code, what,
                                  cause.ok() ? "" : ": ", MessageOf(cause));
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Unavailable(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DataLoss(text);
    default:
      return Internal(text);
  }
}

}  // namespace quorate::storage
