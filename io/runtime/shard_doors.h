// SPDX-License-Identifier: Apache-2.0
// The storage door of one shard: what it asks for in a tick goes to the storage thread at the
// tick's end, all at once.
#pragma once

#include <vector>

#include "engine/env/storage.h"
#include "io/runtime/storage_thread.h"

namespace quorate::io {

class ShardStorage final : public env::Storage {
 public:
  // Both are lent; `now` is of the tick.
  ShardStorage(StorageThread& thread, ShardIndex shard, const Instant& now)
      : thread_(thread), shard_(shard), now_(now) {}

  void Commit(env::WriteBatch batch, env::Durability durability, env::CommitToken token) override {
    backlog_bytes_ += batch.rep().size();
    requests_.push_back({CommitRequest{std::move(batch), durability, token}, now_});
  }
  void Scan(env::ScanRequest request, env::ReadToken token) override {
    requests_.push_back({ReadRequest{std::move(request), token}, now_});
  }

  // True where results are here already. A commit runs directly only where none waits for the
  // thread, so that results keep their order.
  bool EndTick() {
    if (requests_.empty()) return !done_.empty();
    if (with_thread_ > 0 || !thread_.RunDirectly(shard_, requests_, done_)) {
      with_thread_ += requests_.size();
      thread_.Submit(shard_, requests_);
    }
    return !done_.empty();
  }
  // Results that came without the storage thread.
  [[nodiscard]] bool has_results() const { return !done_.empty(); }
  void TakeResults(std::vector<StorageCompletion>& results) {
    results.clear();
    results.swap(done_);
  }
  // A result is about to reach the shard; `from_thread` where it came by the queue.
  void Completed(const StorageCompletion& completion, bool from_thread) {
    backlog_bytes_ -= completion.bytes;
    if (from_thread) --with_thread_;
  }
  // Of commits that are not done.
  [[nodiscard]] size_t backlog_bytes() const { return backlog_bytes_; }

 private:
  StorageThread& thread_;
  const ShardIndex shard_;
  const Instant& now_;
  std::vector<StorageRequest> requests_;
  std::vector<StorageCompletion> done_;
  size_t backlog_bytes_ = 0;
  size_t with_thread_ = 0;  // requests whose results come by the queue
};

}  // namespace quorate::io
