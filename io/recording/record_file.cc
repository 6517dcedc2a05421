// SPDX-License-Identifier: Apache-2.0
#include "io/recording/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "adapters/recording/limits.h"
#include "io/recording/limits.h"

namespace quorate::io {
namespace {

constexpr int kMode = 0600;  // keys, and maybe values
constexpr size_t kFileHeaderBytes = recording::kMagic.size() + sizeof(recording::kVersion);

using recording::BlockKind;

// What there is no end of, so that it waits in the queue as far as there is room. (The state of a
// shard but for its keys is in memory already, and comes once a segment.)
bool IsBounded(std::string_view block) {
  if (block.empty()) return false;
  const BlockKind kind = recording::KindOf(block);
  return kind == BlockKind::kTicks || kind == BlockKind::kPiece || kind == BlockKind::kLastPiece;
}

// Whether a segment can be begun at, once this block is in it as well.
bool IsWhole(bool whole, BlockKind kind) {
  return kind == BlockKind::kLastPiece || (whole && kind != BlockKind::kFrame);
}

uint64_t SizeOf(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

absl::Status Rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus("rename", from);
}

// Of what an earlier life has left: goes from block to block. Where there is nothing, or nothing
// that makes sense, nothing is lost either.
bool IsWholeFile(const std::string& path) {
  const FileDescriptor file(
      RetryInterrupted([&path] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  bool whole = true;
  char header[recording::kBlockHeaderBytes];
  for (uint64_t at = kFileHeaderBytes; file.get() >= 0;) {
    const ssize_t got = RetryInterrupted(
        [&] { return ::pread(file.get(), header, sizeof(header), static_cast<off_t>(at)); });
    if (got != static_cast<ssize_t>(sizeof(header))) break;
    const BlockKind kind = recording::KindOf({header, sizeof(header)});
    if (kind == BlockKind()) break;  // it was being written
    whole = IsWhole(whole, kind);
    at += sizeof(header) + ReadBigEndian<uint32_t>(header);
  }
  return whole;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordFile>> RecordFile::Open(std::string path, uint64_t bytes_max,
                                                             env::Observer& observer) {
  std::unique_ptr<RecordFile> file(new RecordFile(std::move(path), bytes_max, observer));
  QUORATE_RETURN_IF_ERROR(file->TakeOver());
  QUORATE_RETURN_IF_ERROR(file->Turn());
  file->thread_ = std::thread([raw = file.get()] { raw->Run(); });
  return file;
}

RecordFile::RecordFile(std::string path, uint64_t bytes_max, env::Observer& observer)
    : path_(std::move(path)),
      bytes_max_(bytes_max),
      observer_(observer),
      segment_bytes_max_(bytes_max / 2),
      segment_bytes_(kFileHeaderBytes) {}

RecordFile::~RecordFile() {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.WakeAll();
  }
  thread_.join();
}

bool RecordFile::Ready() {
  MutexLock lock(mutex_);
  return !failed_ && waiting_bytes_ <= kRecordQueueBytesMax / 2;
}

void RecordFile::BeginSegment() {
  MutexLock lock(mutex_);
  waiting_.emplace_back();
  segment_bytes_ = kFileHeaderBytes;
  segment_bytes_max_ = bytes_max_ / 2;
  wake_.WakeAll();
}

bool RecordFile::Put(Bytes block) {
  const bool bounded = IsBounded(block);
  MutexLock lock(mutex_);
  if (failed_ || segment_bytes_ + block.size() > segment_bytes_max_) return false;
  if (bounded && waiting_bounded_bytes_ > kRecordQueueBytesMax) return false;
  segment_bytes_ += block.size();
  waiting_bytes_ += block.size();
  if (bounded) waiting_bounded_bytes_ += block.size();
  waiting_.push_back(std::move(block));
  wake_.WakeAll();
  return true;
}

Bytes RecordFile::Spare() {
  MutexLock lock(mutex_);
  if (spare_.empty()) return {};
  Bytes block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

// An earlier life may have ended in the middle of a checkpoint: its last segment is of use with the
// one before it alone, which stays as FILE.2 until this life turns, and takes its room.
absl::Status RecordFile::TakeOver() {
  if (IsWholeFile(path_)) return absl::OkStatus();
  QUORATE_RETURN_IF_ERROR(Rename(path_ + ".1", path_ + ".2"));
  const uint64_t taken = SizeOf(path_) + SizeOf(path_ + ".2");
  segment_bytes_max_ = std::clamp(bytes_max_ - std::min(bytes_max_, taken),
                                  bytes_max_ / kFirstSegmentPart, bytes_max_ / 2);
  kept_third_ = true;
  return absl::OkStatus();
}

// A segment that cannot be begun at makes room for the next; the one before stays.
absl::Status RecordFile::Turn() {
  file_ = FileDescriptor();
  if (whole_) QUORATE_RETURN_IF_ERROR(Rename(path_, path_ + ".1"));
  if (!std::exchange(kept_third_, false)) static_cast<void>(std::remove((path_ + ".2").c_str()));
  whole_ = true;
  const int descriptor = RetryInterrupted(
      [this] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode); });
  if (descriptor < 0) return ErrnoStatus("open", path_);
  file_ = FileDescriptor(descriptor);
  Bytes header(recording::kMagic);
  PutBigEndian(header, recording::kVersion);
  offset_ = header.size();
  return Write(header, 0);
}

// The payload first: a process that is killed in the middle leaves a header of zeros, and no block
// that looks damaged.
absl::Status RecordFile::WriteBlock(std::string_view block) {
  constexpr size_t kHeader = recording::kBlockHeaderBytes;
  QUORATE_RETURN_IF_ERROR(Write(block.substr(kHeader), offset_ + kHeader));
  QUORATE_RETURN_IF_ERROR(Write(block.substr(0, kHeader), offset_));
  offset_ += block.size();
  whole_ = IsWhole(whole_, recording::KindOf(block));
  return absl::OkStatus();
}

absl::Status RecordFile::Write(std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = RetryInterrupted([&] {
      return ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (written < 0) return ErrnoStatus("write", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

void RecordFile::Run() {
  std::vector<Bytes> blocks;
  while (true) {
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !stopping_) wake_.Wait(mutex_);
      if (waiting_.empty()) return;
      blocks.swap(waiting_);
    }
    for (Bytes& block : blocks) {
      const absl::Status done = block.empty() ? Turn() : WriteBlock(block);
      MutexLock lock(mutex_);
      waiting_bytes_ -= block.size();
      if (IsBounded(block)) {
        waiting_bounded_bytes_ -= block.size();
        const bool usual = block.capacity() <= 2 * recording::kBlockBytes;
        if (usual && spare_.size() < kRecordSpareBlocks) spare_.push_back(std::move(block));
      }
      if (done.ok()) continue;
      observer_.Log(env::LogLevel::kError, Format("recording ends: %s", MessageOf(done)));
      failed_ = true;
      return;
    }
    blocks.clear();
  }
}

}  // namespace quorate::io
