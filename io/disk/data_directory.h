// SPDX-License-Identifier: Apache-2.0
// The directory of one node: made on first use, locked against a second process, and stamped with
// the version of its layout, so that no release reads what it does not understand.
//
//   LOCK     flock'ed while a process uses the directory; holds that process's id, for the message
//   VERSION  "quorate data directory\nformat N\n"; written last when a directory is made
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "io/disk/posix_file_system.h"

namespace quorate::io {

// The layout this release writes, and the oldest one it reads. In format 1 the rows with which a
// life of the node begins were in the journal like all others; from 2 on they are only ever in the
// checkpoint, where a start finds them before it has replayed the journal.
inline constexpr uint32_t kDataFormat = 2;
inline constexpr uint32_t kDataFormatOldest = 1;

inline constexpr const char* kLockFile = "LOCK";
inline constexpr const char* kVersionFile = "VERSION";

class DataDirectory {
 public:
  // Makes the directory, with its parents, where there is none. Errors: FailedPrecondition where
  // another process uses it, where it was written by a newer release, or where it holds something
  // else; each names the path and the way out.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(const std::string& path);

  [[nodiscard]] PosixFileSystem& files() { return *files_; }
  [[nodiscard]] const std::string& path() const { return files_->path(); }
  [[nodiscard]] uint32_t format() const { return format_; }
  // Its content is now as kDataFormat says.
  absl::Status Upgraded();
  // True where this call of Open made the directory's VERSION file.
  [[nodiscard]] bool created() const { return created_; }

 private:
  DataDirectory(std::unique_ptr<PosixFileSystem> files, FileDescriptor lock, uint32_t format,
                bool created)
      : files_(std::move(files)), lock_(std::move(lock)), format_(format), created_(created) {}

  std::unique_ptr<PosixFileSystem> files_;
  FileDescriptor lock_;  // the kernel releases the lock with it, however the process ends
  uint32_t format_;
  bool created_;
};

}  // namespace quorate::io
