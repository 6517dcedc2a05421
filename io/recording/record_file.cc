// SPDX-License-Identifier: Apache-2.0
#include "io/recording/record_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "adapters/recording/limits.h"
#include "io/recording/limits.h"

namespace quorate::io {
namespace {

constexpr int kMode = 0600;  // keys, and maybe values
constexpr size_t kFileHeaderBytes = recording::kMagic.size() + sizeof(recording::kVersion);

bool HoldsTicks(std::string_view block) {
  return !block.empty() &&
         block[recording::kBlockHeaderBytes - 1] == static_cast<char>(recording::BlockKind::kTicks);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordFile>> RecordFile::Open(std::string path, uint64_t bytes_max,
                                                             env::Observer& observer) {
  std::unique_ptr<RecordFile> file(new RecordFile(std::move(path), bytes_max / 2, observer));
  QUORATE_RETURN_IF_ERROR(file->Turn());
  file->thread_ = std::thread([raw = file.get()] { raw->Run(); });
  return file;
}

RecordFile::RecordFile(std::string path, uint64_t segment_bytes_max, env::Observer& observer)
    : path_(std::move(path)),
      segment_bytes_max_(segment_bytes_max),
      observer_(observer),
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
  wake_.WakeAll();
}

// A checkpoint is in memory already, so the queue takes it whole.
bool RecordFile::Put(Bytes block) {
  const bool ticks = HoldsTicks(block);
  MutexLock lock(mutex_);
  if (failed_ || segment_bytes_ + block.size() > segment_bytes_max_) return false;
  if (ticks && waiting_ticks_bytes_ > kRecordQueueBytesMax) return false;
  segment_bytes_ += block.size();
  waiting_bytes_ += block.size();
  if (ticks) waiting_ticks_bytes_ += block.size();
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

absl::Status RecordFile::Turn() {
  file_ = FileDescriptor();
  const std::string before = path_ + ".1";
  if (std::rename(path_.c_str(), before.c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus("rename", path_);
  }
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
      if (HoldsTicks(block)) {
        waiting_ticks_bytes_ -= block.size();
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
