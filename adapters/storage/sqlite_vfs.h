// SPDX-License-Identifier: Apache-2.0
// SQLite over env::FileSystem, so that the same SQLite runs over the kernel's files and over the
// simulated disk. One user per file, in one thread: locks are no-ops and there is no shared memory,
// so write-ahead logging needs locking_mode=EXCLUSIVE. Temporary files are refused
// (temp_store=MEMORY needs none).
//
// Registered with SQLite under `name()`, unique in the process, from construction to destruction; a
// connection opened through it must be closed before. No exception passes through SQLite.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

#include "engine/env/file_system.h"

namespace quorate::storage {

class SqliteVfs {
 public:
  // `seed` keys what SQLite asks for as randomness.
  SqliteVfs(env::FileSystem& files, uint64_t seed);
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;
  ~SqliteVfs();

  [[nodiscard]] const std::string& name() const { return name_; }

  // What a file or the file system said when SQLite was last given an error; SQLite's own codes say
  // less.
  absl::Status TakeError() { return std::exchange(error_, absl::OkStatus()); }

 private:
  friend struct SqliteVfsMethods;

  env::FileSystem& files_;
  const uint64_t seed_;
  uint64_t draws_ = 0;
  std::string name_;
  absl::Status error_;
  sqlite3_vfs vfs_ = {};
};

// Puts SQLite's process-wide generator into a state that depends on `seed` alone. A world that runs
// many nodes in one process does so before each node's calls, so that none disturbs another. Not
// for production: it makes write-ahead log salts predictable. Requires: no other thread is inside
// SQLite.
void ResetSqliteRandomness(uint64_t seed);

}  // namespace quorate::storage
