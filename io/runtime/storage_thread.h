// SPDX-License-Identifier: Apache-2.0
// Runs a storage backend on a thread of its own, for all shards of a node. Commits that wait
// together are appended together and share one sync (group commit); results come back in the order
// of submission. Nothing is synced twice, and nothing after a failure:
//
// 1. Results of one shard come in the order in which it asked.
// 2. After an error that is final every later commit of every shard gets the same error.
// 3. After Unavailable (no room) the later commits of that shard are refused untried, until it
// comes
//    again with the refused one, or an earlier one: so they are applied in order or not at all.
//
// The thread begins with the backend's Recover; what is asked meanwhile waits. Where that fails, it
// is the final error of all.
//
// Where the backend can (StorageBackend::upkeep_beside_commits), its upkeep has a thread of its
// own, and the syncs that are due by time let commits pass.
//
// Commits that need no sync, and find nobody else at the backend, are handed to the kernel by the
// shard's own thread (RunDirectly): two context switches would cost more than the write.
#pragma once

#include <functional>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "io/reactor/mutex.h"
#include "io/runtime/latency_histogram.h"
#include "io/runtime/limits.h"
#include "io/runtime/upkeep_thread.h"

namespace quorate::io {

struct CommitRequest {
  env::WriteBatch batch;
  env::Durability durability = env::Durability::kAlways;
  env::CommitToken token;
};
struct ReadRequest {
  env::ScanRequest range;
  env::ReadToken token;
};
struct StorageRequest {
  std::variant<CommitRequest, ReadRequest> work;
  Instant submitted{};
};

struct StorageCompletion {
  env::StorageEvent event;
  size_t bytes = 0;  // of the commit
  Instant submitted{};
};

class StorageThread {
 public:
  struct Options {
    uint16_t shards = 1;
    Duration sync_interval = kSyncInterval;
    size_t group_bytes_max = kGroupBytesMax;
    bool direct_commits = true;
  };
  struct Stats {
    env::StorageBackend::Stats backend;
    uint64_t commits = 0;
    uint64_t groups = 0;
    uint64_t syncs = 0;
    uint64_t direct = 0;  // groups that a shard's thread ran itself
    uint64_t backlog_bytes = 0;
    LatencyHistogram latency;
  };
  // Called on the storage thread; takes the completions and leaves the vector empty.
  using Deliver = std::function<void(ShardIndex, std::vector<StorageCompletion>&)>;

  // Everything is lent.
  StorageThread(env::StorageBackend& backend, env::Observer& observer, const Options& options,
                Deliver deliver);
  ~StorageThread();
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  void Start();
  // Takes all of `requests` and clears it. From any thread.
  void Submit(ShardIndex shard, std::vector<StorageRequest>& requests);
  // Runs the requests on the caller's thread and appends their results to `done`, if none needs a
  // sync or a scan, and the backend is free. False: nothing happened.
  bool RunDirectly(ShardIndex shard, std::vector<StorageRequest>& requests,
                   std::vector<StorageCompletion>& done);
  // Ends what waits, syncs, and ends the thread; the backend is then the caller's again. The first
  // final error, if there was one.
  absl::Status Stop();

  [[nodiscard]] Stats stats() const;

 private:
  struct Item {
    ShardIndex shard;
    StorageRequest request;
  };
  struct Waiting {
    ShardIndex shard;
    StorageCompletion completion;
  };

  void Run();
  void Recover();
  bool Take(std::vector<Item>& items);
  [[nodiscard]] Duration Patience() const;
  void RunItems(std::vector<Item>& items);
  void RunCommit(ShardIndex shard, CommitRequest& commit, Instant submitted);
  void RunRead(ShardIndex shard, ReadRequest& read);
  void EndGroup();
  void SyncNow();
  void FinishGroup();
  void SyncIfDue(bool last);
  bool Reserve();
  void Release();
  void SyncBeside();
  void MaintainOnce();
  void Poison(const absl::Status& status);
  void PublishStats();

  env::StorageBackend& backend_;
  env::Observer& observer_;
  const Options options_;
  const Deliver deliver_;
  std::optional<UpkeepThread> upkeep_;  // where the backend can

  mutable Mutex mutex_;
  Condition wake_;
  std::vector<Item> queue_ ABSL_GUARDED_BY(mutex_);
  uint64_t backlog_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool sleeping_ ABSL_GUARDED_BY(mutex_) = false;
  bool sleeps_for_sync_ ABSL_GUARDED_BY(mutex_) = false;
  bool in_use_ ABSL_GUARDED_BY(mutex_) = true;  // who sets it may use the backend and what is below
  bool wanted_back_ ABSL_GUARDED_BY(mutex_) = false;  // the thread waits for in_use_ alone
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Stats published_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;

  // Of whoever set in_use_.
  absl::Status recovered_;
  absl::Status failure_;
  std::vector<std::optional<env::CommitToken>> refused_;  // by shard
  std::vector<Waiting> group_;                            // done but for the sync
  size_t group_bytes_ = 0;
  bool group_needs_sync_ = false;
  std::optional<Instant> unsynced_since_;
  bool maintain_more_ = false;
  Instant maintain_at_{};
  Stats counted_;
  std::vector<std::vector<StorageCompletion>> outgoing_;  // by shard
};

}  // namespace quorate::io
