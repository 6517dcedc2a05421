// SPDX-License-Identifier: Apache-2.0
// env::FileSystem over one directory of the kernel. Names are those of files directly in it: a sync
// of the directory then covers every entry.
//
// No error is retried but EINTR; in particular no failed fsync is, since after it the kernel may
// have dropped the pages and would report success [Rebello 2020, "Can Applications Recover from
// fsync Failures?"].
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/env/file_system.h"
#include "io/disk/file_descriptor.h"

namespace quorate::io {

class PosixFileSystem final : public env::FileSystem {
 public:
  // `path` must be an existing directory.
  static absl::StatusOr<std::unique_ptr<PosixFileSystem>> Open(const std::string& path);

  absl::StatusOr<std::unique_ptr<env::File>> Open(const std::string& name, bool create) override;
  absl::Status Remove(const std::string& name) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::StatusOr<bool> Exists(const std::string& name) override;
  absl::StatusOr<std::vector<std::string>> List() override;
  absl::Status SyncDirectory() override;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int directory() const { return directory_.get(); }

 private:
  PosixFileSystem(std::string path, FileDescriptor directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  std::string PathOf(const std::string& name) const { return path_ + "/" + name; }

  std::string path_;
  FileDescriptor directory_;
};

}  // namespace quorate::io
