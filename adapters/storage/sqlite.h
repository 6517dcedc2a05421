// SPDX-License-Identifier: Apache-2.0
// SQLite's handles as owners, and its codes as Statuses.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string_view>

#include "adapters/storage/sqlite_vfs.h"

namespace quorate::storage {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseDatabase>;

// A prepared statement, made once and used many times. Values are bound without copying: they must
// live until the next Reset.
class SqliteStatement {
 public:
  SqliteStatement() = default;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  void BindBlob(int index, std::string_view bytes);
  void BindInteger(int index, uint64_t value);
  // SQLITE_ROW, SQLITE_DONE or an error.
  [[nodiscard]] int Step() { return sqlite3_step(statement_.get()); }
  // Steps once and resets: for statements that give no rows.
  [[nodiscard]] int Run();
  void Reset() { sqlite3_reset(statement_.get()); }
  // Valid until the next Step or Reset.
  [[nodiscard]] std::string_view Blob(int column) const;
  [[nodiscard]] uint64_t Integer(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// A connection over a SqliteVfs.
class SqliteConnection {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(env::FileSystem& files,
                                                                const std::string& file,
                                                                uint64_t seed);

  absl::Status Execute(const char* sql);
  absl::StatusOr<SqliteStatement> Prepare(const char* sql);
  // OK for SQLITE_OK, SQLITE_DONE and SQLITE_ROW. Otherwise Unavailable for a full disk, DataLoss
  // for a damaged database, Internal for the rest; `what` says what was tried.
  absl::Status StatusOf(int code, std::string_view what);
  [[nodiscard]] sqlite3* handle() { return handle_.get(); }

 private:
  SqliteConnection(env::FileSystem& files, std::string file, uint64_t seed)
      : file_(std::move(file)), vfs_(files, seed) {}

  std::string file_;
  SqliteVfs vfs_;  // outlives the handle
  SqliteHandle handle_;
};

}  // namespace quorate::storage
