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

  void EndTick() { thread_.Submit(shard_, requests_); }
  void Completed(const StorageCompletion& completion) { backlog_bytes_ -= completion.bytes; }
  // Of commits that are not done.
  [[nodiscard]] size_t backlog_bytes() const { return backlog_bytes_; }

 private:
  StorageThread& thread_;
  const ShardIndex shard_;
  const Instant& now_;
  std::vector<StorageRequest> requests_;
  size_t backlog_bytes_ = 0;
};

}  // namespace quorate::io
