// SPDX-License-Identifier: Apache-2.0
// The files that a storage backend may use, as a world provides them: io over the kernel, sim over
// a disk that loses, tears and refuses. Blocking; used by the thread that runs the backend.
//
// What survives a power loss: the bytes written before a successful Sync of that file, and
// directory entries (creation, removal, rename) before a successful SyncDirectory. Anything later
// may survive in whole, in part (in sectors of 512 bytes) or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"

namespace quorate::env {

class File {
 public:
  virtual ~File() = default;
  // Reads up to `size` bytes at `offset` into `out` (replaced); fewer only at the end of the file.
  virtual absl::Status Read(uint64_t offset, size_t size, Bytes& out) = 0;
  // Writes all of `bytes`. Unavailable where the disk is full.
  virtual absl::Status Write(uint64_t offset, std::string_view bytes) = 0;
  // Reserves space up to `size` so that later writes inside it cannot fail for lack of room; the
  // reserved part reads as zeros. Unavailable where the disk is full.
  virtual absl::Status Allocate(uint64_t size) = 0;
  virtual absl::Status Truncate(uint64_t size) = 0;
  virtual absl::Status Sync() = 0;
  virtual absl::StatusOr<uint64_t> Size() = 0;
};

// Paths are relative to the data directory, without "..".
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Opens for reading and writing; creates the file where `create`.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, bool create) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::StatusOr<bool> Exists(const std::string& path) = 0;
  // Names of the files of the data directory, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;
  virtual absl::Status SyncDirectory() = 0;
};

}  // namespace quorate::env
