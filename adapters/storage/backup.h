// SPDX-License-Identifier: Apache-2.0
// Backups: all rows of a backend in one portable file, whatever the backend is made of. Integers
// are big endian.
//
//   file header              block                          end mark
//   0  8  magic "qbackup\n"  0  4  magic "qblk"             0  4  magic "qend"
//   8  4  version, 1         4  4  rows, at least 1         4  8  rows in the file
//                            8  4  payload size            12  8  chain
//                           12  8  chain                   20  4  CRC-32C of bytes 0 to 20
//                           20  4  CRC-32C of the payload
//                           24  4  CRC-32C of bytes 0 to 24
//                           28     payload: blobs, key and value in turn; keys rise through the
//                           file
//
// `chain` is a digest over the headers of all blocks before: a block that is missing, repeated or
// from another backup is found. A file without its end mark is an unfinished backup.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/env/file_system.h"
#include "engine/env/storage.h"

namespace quorate::storage {

inline constexpr std::string_view kBackupMagic = "qbackup\n";
inline constexpr uint32_t kBackupVersion = 1;
inline constexpr size_t kBackupHeaderBytes = 12;
inline constexpr size_t kBackupBlockHeaderBytes = 28;
inline constexpr size_t kBackupEndBytes = 24;

// Writes a backup. Only after Finish has succeeded is there one.
class BackupWriter {
 public:
  // `file` is emptied; it must outlive the writer.
  static absl::StatusOr<std::unique_ptr<BackupWriter>> Start(env::File& file);
  // Requires: keys rise.
  absl::Status Add(std::string_view key, std::string_view value);
  absl::Status Finish();
  [[nodiscard]] uint64_t rows() const { return rows_; }

 private:
  explicit BackupWriter(env::File& file) : file_(file) {}
  absl::Status WriteBlock();

  env::File& file_;
  uint64_t offset_ = 0;
  uint64_t rows_ = 0;
  uint64_t chain_ = 0;
  uint32_t block_rows_ = 0;
  Bytes payload_;
  Bytes last_key_;
};

// Reads one. Errors of every call: DataLoss where the file is damaged, OutOfRange where it ends
// early, FailedPrecondition where it is of another version, InvalidArgument where it is no backup.
class BackupReader {
 public:
  static absl::StatusOr<std::unique_ptr<BackupReader>> Start(env::File& file);
  // The next row, valid until the next call; false after the last one, when the end mark was right.
  absl::StatusOr<bool> Next(std::string_view& key, std::string_view& value);

 private:
  explicit BackupReader(env::File& file) : file_(file) {}
  absl::Status ReadBlock();
  absl::Status ReadPayload(std::string_view header);
  absl::Status CheckEnd();
  absl::Status Damaged(std::string_view what) const;
  absl::Status ReadExactly(size_t size, Bytes& out);

  env::File& file_;
  uint64_t offset_ = 0;
  uint64_t rows_ = 0;
  uint64_t chain_ = 0;
  uint32_t block_rows_ = 0;  // left in the block
  bool done_ = false;
  Bytes payload_;
  std::string_view rest_;  // of payload_
  Bytes last_key_;
};

// Copies all rows. `to` must be empty (FailedPrecondition): a copy is not a merge. Ends with a
// Sync.
absl::Status CopyAll(env::StorageBackend& from, env::StorageBackend& to);
absl::Status Backup(env::StorageBackend& from, env::File& file);
using RowChoice = std::function<bool(std::string_view key)>;
// Reads the whole file before the first row is written, so that a damaged backup changes nothing.
// Rows that are `apart` are the caller's: they are not copied, and `to` may hold some.
absl::Status Restore(env::File& file, env::StorageBackend& to, const RowChoice& apart = {});
// The chosen rows. Reads the whole file, and finds what is wrong with it.
absl::StatusOr<std::vector<env::Row>> ReadRows(env::File& file, const RowChoice& choice);

}  // namespace quorate::storage
