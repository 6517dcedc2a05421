// SPDX-License-Identifier: Apache-2.0
// The recording of one shard on disk: two segments, FILE with the one under way and FILE.1 with the
// one before, each at most half of what the recording may take. A thread of its own writes; the
// shard's thread never waits for it. A process that is killed leaves what was handed over.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/recording/recorder.h"
#include "engine/base/status.h"
#include "engine/env/observer.h"
#include "io/disk/file_descriptor.h"
#include "io/reactor/mutex.h"

namespace quorate::io {

class RecordFile final : public recording::BlockSink {
 public:
  // What an earlier life has left in `path` becomes the segment before. The observer is lent.
  static absl::StatusOr<std::unique_ptr<RecordFile>> Open(std::string path, uint64_t bytes_max,
                                                          env::Observer& observer);
  ~RecordFile() override;
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // Called by one thread.
  bool Ready() override;
  void BeginSegment() override;
  bool Put(Bytes block) override;
  Bytes Spare() override;

 private:
  RecordFile(std::string path, uint64_t segment_bytes_max, env::Observer& observer);
  absl::Status Turn();
  absl::Status WriteBlock(std::string_view block);
  absl::Status Write(std::string_view bytes, uint64_t offset);
  void Run();

  const std::string path_;
  const uint64_t segment_bytes_max_;
  env::Observer& observer_;
  uint64_t segment_bytes_ = 0;  // handed over

  Mutex mutex_;
  Condition wake_;
  // An empty one begins a segment.
  std::vector<Bytes> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiting_ticks_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Bytes> spare_ ABSL_GUARDED_BY(mutex_);
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  FileDescriptor file_;  // of the thread
  uint64_t offset_ = 0;
  std::thread thread_;
};

}  // namespace quorate::io
