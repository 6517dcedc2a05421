// SPDX-License-Identifier: Apache-2.0
// The recording of one shard on disk: two segments, FILE with the one under way and FILE.1 with the
// one before, each at most half of what the recording may take. Of the two there is always one that
// can be begun at: a segment whose checkpoint was never finished does not take its place. A thread
// of its own writes; the shard's thread never waits for it. A process that is killed leaves what
// was handed over.
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
  // What an earlier life has left in `path` becomes the segment before; where that life has ended
  // in the middle of a checkpoint, the one before it is kept as FILE.2 for a while. The observer is
  // lent.
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
  [[nodiscard]] size_t segment_bytes_max() const override { return segment_bytes_max_; }

 private:
  RecordFile(std::string path, uint64_t bytes_max, env::Observer& observer);
  absl::Status TakeOver();
  absl::Status Turn();
  absl::Status WriteBlock(std::string_view block);
  absl::Status Write(std::string_view bytes, uint64_t offset);
  void Run();

  const std::string path_;
  const uint64_t bytes_max_;
  env::Observer& observer_;
  uint64_t segment_bytes_max_;
  uint64_t segment_bytes_ = 0;  // handed over

  Mutex mutex_;
  Condition wake_;
  // An empty one begins a segment.
  std::vector<Bytes> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiting_bounded_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Bytes> spare_ ABSL_GUARDED_BY(mutex_);
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  FileDescriptor file_;  // of the thread
  uint64_t offset_ = 0;
  bool whole_ = true;        // what is in `file_` can be begun at
  bool kept_third_ = false;  // FILE.2 stays the next time
  std::thread thread_;
};

}  // namespace quorate::io
