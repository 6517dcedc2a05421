// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/backup.h"

#include <algorithm>

#include "adapters/storage/limits.h"
#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::storage {
namespace {

constexpr std::string_view kBlockMagic = "qblk";
constexpr std::string_view kEndMagic = "qend";
constexpr size_t kChecksumBytes = 4;

static_assert(kBackupHeaderBytes == kBackupMagic.size() + 4);
static_assert(kBackupBlockHeaderBytes == kBlockMagic.size() + 4 + 4 + 8 + 4 + kChecksumBytes);
static_assert(kBackupEndBytes == kEndMagic.size() + 8 + 8 + kChecksumBytes);

// The last four bytes are the checksum of those before.
bool ChecksumIsRight(std::string_view bytes) {
  ByteReader reader(bytes.substr(bytes.size() - kChecksumBytes));
  return reader.BigEndian<uint32_t>() ==
         hash::Crc32c(bytes.substr(0, bytes.size() - kChecksumBytes));
}

using RowVisitor = std::function<absl::Status(std::string_view key, std::string_view value)>;

absl::Status ForEachRow(env::StorageBackend& from, const RowVisitor& visit) {
  env::ScanRequest request{.begin = {}, .end = {}, .bytes_max = kCopyBytesMax};
  while (true) {
    QUORATE_ASSIGN_OR_RETURN(const env::ScanResult result, from.Scan(request));
    for (const env::Row& row : result.rows) QUORATE_RETURN_IF_ERROR(visit(row.key, row.value));
    if (result.complete) return absl::OkStatus();
    request.begin = result.rows.back().key + Bytes(1, '\0');  // the least key above it
  }
}

// Collects rows into commits of a bounded size.
class RowSink {
 public:
  explicit RowSink(env::StorageBackend& to) : to_(to) {}

  // But for rows that are apart.
  absl::Status CheckEmpty(const RowChoice& apart) {
    QUORATE_ASSIGN_OR_RETURN(const env::ScanResult result,
                             to_.Scan({.begin = {}, .end = {}, .bytes_max = kCopyBytesMax}));
    const auto is_apart = [&](const env::Row& row) { return apart && apart(row.key); };
    if (std::all_of(result.rows.begin(), result.rows.end(), is_apart)) return absl::OkStatus();
    return FailedPrecondition("storage: the target of a copy is not empty: give it an empty one");
  }
  absl::Status Add(std::string_view key, std::string_view value) {
    batch_.Put(key, value);
    return batch_.rep().size() < kCopyBytesMax ? absl::OkStatus() : Flush();
  }
  absl::Status Finish() {
    QUORATE_RETURN_IF_ERROR(Flush());
    return to_.Sync();
  }

 private:
  absl::Status Flush() {
    QUORATE_RETURN_IF_ERROR(to_.Commit(batch_, false));
    batch_.Clear();
    return absl::OkStatus();
  }

  env::StorageBackend& to_;
  env::WriteBatch batch_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Start(env::File& file) {
  std::unique_ptr<BackupWriter> writer(new BackupWriter(file));
  QUORATE_RETURN_IF_ERROR(file.Truncate(0));
  Bytes header(kBackupMagic);
  PutBigEndian(header, kBackupVersion);
  QUORATE_RETURN_IF_ERROR(file.Write(0, header));
  writer->offset_ = header.size();
  return writer;
}

absl::Status BackupWriter::Add(std::string_view key, std::string_view value) {
  QUORATE_CHECK(rows_ == 0 || last_key_ < key);
  PutBlob(payload_, key);
  PutBlob(payload_, value);
  last_key_ = key;
  ++rows_;
  ++block_rows_;
  return payload_.size() < kBackupBlockBytes ? absl::OkStatus() : WriteBlock();
}

absl::Status BackupWriter::WriteBlock() {
  if (block_rows_ == 0) return absl::OkStatus();
  Bytes block(kBlockMagic);
  PutBigEndian(block, block_rows_);
  PutBigEndian(block, static_cast<uint32_t>(payload_.size()));
  PutBigEndian(block, chain_);
  PutBigEndian(block, hash::Crc32c(payload_));
  PutBigEndian(block, hash::Crc32c(block));
  chain_ = hash::Digest(block, chain_);
  block += payload_;
  QUORATE_RETURN_IF_ERROR(file_.Write(offset_, block));
  offset_ += block.size();
  block_rows_ = 0;
  payload_.clear();
  return absl::OkStatus();
}

absl::Status BackupWriter::Finish() {
  QUORATE_RETURN_IF_ERROR(WriteBlock());
  Bytes end(kEndMagic);
  PutBigEndian(end, rows_);
  PutBigEndian(end, chain_);
  PutBigEndian(end, hash::Crc32c(end));
  QUORATE_RETURN_IF_ERROR(file_.Write(offset_, end));
  return file_.Sync();
}

absl::Status BackupReader::Damaged(std::string_view what) const {
  return DataLoss(Format("backup, offset %d: %s", offset_, what));
}

absl::Status BackupReader::ReadExactly(size_t size, Bytes& out) {
  QUORATE_RETURN_IF_ERROR(file_.Read(offset_, size, out));
  if (out.size() == size) return absl::OkStatus();
  return OutOfRange(Format(
      "backup, offset %d: the file ends inside; the backup was not finished or was cut", offset_));
}

absl::StatusOr<std::unique_ptr<BackupReader>> BackupReader::Start(env::File& file) {
  std::unique_ptr<BackupReader> reader(new BackupReader(file));
  Bytes header;
  QUORATE_RETURN_IF_ERROR(file.Read(0, kBackupHeaderBytes, header));
  ByteReader fields(header);
  if (fields.Raw(kBackupMagic.size()) != kBackupMagic)
    return InvalidArgument("the file is no backup of quorate");
  const uint32_t version = fields.BigEndian<uint32_t>();
  if (!fields.ok()) return OutOfRange("backup: the file ends inside its header");
  if (version != kBackupVersion) {
    return FailedPrecondition(
        Format("the backup has format %d, this release reads %d: restore it with the release that "
               "wrote it",
               version, kBackupVersion));
  }
  reader->offset_ = header.size();
  return reader;
}

absl::StatusOr<bool> BackupReader::Next(std::string_view& key, std::string_view& value) {
  if (block_rows_ == 0 && !done_) QUORATE_RETURN_IF_ERROR(ReadBlock());
  if (done_) return false;
  ByteReader row(rest_);
  key = row.Blob();
  value = row.Blob();
  rest_ = row.rest();
  --block_rows_;
  if (!row.ok() || rest_.empty() != (block_rows_ == 0))
    return Damaged("a block's rows do not fill it");
  if (rows_ > 0 && key <= last_key_) return Damaged("keys out of order");
  last_key_ = key;
  ++rows_;
  return true;
}

absl::Status BackupReader::ReadBlock() {
  Bytes header;
  QUORATE_RETURN_IF_ERROR(ReadExactly(kBlockMagic.size(), header));
  if (header == kEndMagic) return CheckEnd();
  if (header != kBlockMagic) return Damaged("neither a block nor the end mark");
  QUORATE_RETURN_IF_ERROR(ReadExactly(kBackupBlockHeaderBytes, header));
  if (!ChecksumIsRight(header)) return Damaged("a block's header is damaged");
  return ReadPayload(header);
}

absl::Status BackupReader::ReadPayload(std::string_view header) {
  ByteReader fields(header.substr(kBlockMagic.size()));
  block_rows_ = fields.BigEndian<uint32_t>();
  const uint32_t size = fields.BigEndian<uint32_t>();
  const uint64_t chain = fields.BigEndian<uint64_t>();
  const uint32_t crc = fields.BigEndian<uint32_t>();
  if (chain != chain_) return Damaged("the block does not follow the one before it");
  if (block_rows_ == 0 || size > kBackupBlockBytesMax)
    return Damaged("a block's header is out of range");
  // Before memory is taken for it.
  QUORATE_ASSIGN_OR_RETURN(const uint64_t file_size, file_.Size());
  if (file_size - offset_ < header.size() + size) {
    return OutOfRange(Format("backup, offset %d: the file ends inside a block", offset_));
  }
  offset_ += header.size();
  QUORATE_RETURN_IF_ERROR(ReadExactly(size, payload_));
  if (hash::Crc32c(payload_) != crc) return Damaged("a block is damaged");
  chain_ = hash::Digest(header, chain_);
  offset_ += size;
  rest_ = payload_;
  return absl::OkStatus();
}

absl::Status BackupReader::CheckEnd() {
  Bytes end;
  QUORATE_RETURN_IF_ERROR(ReadExactly(kBackupEndBytes, end));
  ByteReader fields(std::string_view(end).substr(kEndMagic.size()));
  const uint64_t rows = fields.BigEndian<uint64_t>();
  const uint64_t chain = fields.BigEndian<uint64_t>();
  if (!ChecksumIsRight(end)) return Damaged("the end mark is damaged");
  if (rows != rows_ || chain != chain_) return Damaged("blocks are missing before the end mark");
  QUORATE_ASSIGN_OR_RETURN(const uint64_t file_size, file_.Size());
  if (file_size != offset_ + end.size()) return Damaged("there is something behind the end mark");
  done_ = true;
  return absl::OkStatus();
}

absl::Status CopyAll(env::StorageBackend& from, env::StorageBackend& to) {
  RowSink sink(to);
  QUORATE_RETURN_IF_ERROR(sink.CheckEmpty({}));
  QUORATE_RETURN_IF_ERROR(ForEachRow(
      from, [&](std::string_view key, std::string_view value) { return sink.Add(key, value); }));
  return sink.Finish();
}

absl::Status Backup(env::StorageBackend& from, env::File& file) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<BackupWriter> writer, BackupWriter::Start(file));
  QUORATE_RETURN_IF_ERROR(ForEachRow(
      from, [&](std::string_view key, std::string_view value) { return writer->Add(key, value); }));
  return writer->Finish();
}

namespace {

absl::Status ForEachStored(env::File& file, const RowVisitor& visit) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<BackupReader> reader, BackupReader::Start(file));
  std::string_view key;
  std::string_view value;
  while (true) {
    QUORATE_ASSIGN_OR_RETURN(const bool found, reader->Next(key, value));
    if (!found) return absl::OkStatus();
    QUORATE_RETURN_IF_ERROR(visit(key, value));
  }
}

}  // namespace

absl::Status Restore(env::File& file, env::StorageBackend& to, const RowChoice& apart) {
  RowSink sink(to);
  QUORATE_RETURN_IF_ERROR(sink.CheckEmpty(apart));
  for (const bool write : {false, true}) {
    QUORATE_RETURN_IF_ERROR(
        ForEachStored(file, [&](std::string_view key, std::string_view value) -> absl::Status {
          if (!write || (apart && apart(key))) return absl::OkStatus();
          return sink.Add(key, value);
        }));
  }
  return sink.Finish();
}

absl::StatusOr<std::vector<env::Row>> ReadRows(env::File& file, const RowChoice& choice) {
  std::vector<env::Row> rows;
  QUORATE_RETURN_IF_ERROR(ForEachStored(file, [&](std::string_view key, std::string_view value) {
    if (choice(key)) rows.push_back({Bytes(key), Bytes(value)});
    return absl::OkStatus();
  }));
  return rows;
}

}  // namespace quorate::storage
