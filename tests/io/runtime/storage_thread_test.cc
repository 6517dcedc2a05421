// SPDX-License-Identifier: Apache-2.0
// A backend that does what the test says, behind the thread that must keep order whatever happens.
#include "io/runtime/storage_thread.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/io/net/log_recorder.h"

namespace quorate::io {
namespace {

constexpr ShardIndex kFirst{0};
constexpr ShardIndex kSecond{1};

class ScriptedBackend final : public env::StorageBackend {
 public:
  absl::Status Commit(const env::WriteBatch& batch, bool sync) override {
    MutexLock lock(mutex_);
    while (held_) released_.Wait(mutex_);
    EXPECT_FALSE(sync);
    log_.push_back("commit");
    if (!commits_.empty()) {
      absl::Status status = commits_.front();
      commits_.pop_front();
      if (!status.ok()) return status;
    }
    std::vector<std::string> keys;
    batch.ForEach([&](auto, std::string_view key, std::string_view) { keys.emplace_back(key); });
    keys_.insert(keys_.end(), keys.begin(), keys.end());
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    MutexLock lock(mutex_);
    while (syncs_held_) released_.Wait(mutex_);
    log_.push_back("sync");
    return sync_;
  }
  absl::StatusOr<std::optional<Bytes>> Get(std::string_view) override { return std::nullopt; }
  absl::StatusOr<env::ScanResult> Scan(const env::ScanRequest&) override {
    MutexLock lock(mutex_);
    env::ScanResult result;
    for (const std::string& key : keys_) result.rows.push_back({key, ""});
    result.complete = true;
    return result;
  }
  absl::StatusOr<bool> Maintain() override {
    MutexLock lock(mutex_);
    ++maintained_;
    while (upkeep_held_) released_.Wait(mutex_);
    if (!upkeep_.ok()) return upkeep_;
    return maintained_ % 3 != 0;
  }
  absl::Status Close() override { return absl::OkStatus(); }
  [[nodiscard]] Stats stats() const override { return {}; }
  [[nodiscard]] bool upkeep_beside_commits() const override { return beside_; }

  // Before the start.
  void AllowUpkeepBesideCommits() { beside_ = true; }
  void Hold(bool held) {
    MutexLock lock(mutex_);
    held_ = held;
    released_.WakeAll();
  }
  void HoldSyncs(bool held) {
    MutexLock lock(mutex_);
    syncs_held_ = held;
    released_.WakeAll();
  }
  void HoldUpkeep(bool held) {
    MutexLock lock(mutex_);
    upkeep_held_ = held;
    released_.WakeAll();
  }
  void UpkeepFails(absl::Status status) {
    MutexLock lock(mutex_);
    upkeep_ = std::move(status);
  }
  void NextCommits(std::deque<absl::Status> statuses) {
    MutexLock lock(mutex_);
    commits_ = std::move(statuses);
  }
  void SyncFails(absl::Status status) {
    MutexLock lock(mutex_);
    sync_ = std::move(status);
  }
  [[nodiscard]] std::vector<std::string> log() {
    MutexLock lock(mutex_);
    return log_;
  }
  [[nodiscard]] std::vector<std::string> keys() {
    MutexLock lock(mutex_);
    return keys_;
  }
  [[nodiscard]] int maintained() {
    MutexLock lock(mutex_);
    return maintained_;
  }

 private:
  Mutex mutex_;
  Condition released_;
  bool beside_ = false;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool syncs_held_ ABSL_GUARDED_BY(mutex_) = false;
  bool upkeep_held_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status upkeep_ ABSL_GUARDED_BY(mutex_);
  std::deque<absl::Status> commits_ ABSL_GUARDED_BY(mutex_);
  absl::Status sync_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> log_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> keys_ ABSL_GUARDED_BY(mutex_);
  int maintained_ ABSL_GUARDED_BY(mutex_) = 0;
};

struct StorageThreads : ::testing::Test {
  ScriptedBackend backend;
  LogRecorder log;
  Mutex mutex;
  Condition arrived;
  std::vector<std::vector<StorageCompletion>> done{2};
  StorageThread thread{backend,
                       log,
                       {.shards = 2, .sync_interval = 20ms},
                       [this](ShardIndex shard, std::vector<StorageCompletion>& completions) {
                         MutexLock lock(mutex);
                         for (StorageCompletion& completion : completions) {
                           done[shard.value].push_back(std::move(completion));
                         }
                         completions.clear();
                         arrived.WakeAll();
                       }};

  static StorageRequest Commit(uint64_t token, std::string_view key,
                               env::Durability durability = env::Durability::kAlways) {
    env::WriteBatch batch;
    batch.Put(key, "value");
    return {CommitRequest{std::move(batch), durability, env::CommitToken{token}}, {}};
  }
  void Submit(ShardIndex shard, std::vector<StorageRequest> requests) {
    thread.Submit(shard, requests);
    EXPECT_TRUE(requests.empty());
  }
  void Submit(ShardIndex shard, StorageRequest request) {
    std::vector<StorageRequest> requests;
    requests.push_back(std::move(request));
    Submit(shard, std::move(requests));
  }
  // "1 ok, 2 Unavailable": what a shard heard, once it heard so much.
  std::string Heard(ShardIndex shard, size_t count) {
    MutexLock lock(mutex);
    while (done[shard.value].size() < count) arrived.Wait(mutex);
    std::string text;
    for (const StorageCompletion& completion : done[shard.value]) {
      if (!text.empty()) text += ", ";
      if (const auto* commit = std::get_if<env::CommitDone>(&completion.event)) {
        text += Format("%d %s", commit->token.value,
                       commit->status.ok() ? "ok" : MessageOf(commit->status));
      } else {
        const auto& scan = std::get<env::ScanDone>(completion.event);
        text += Format("scan %d rows", scan.result->rows.size());
      }
    }
    return text;
  }
};

TEST_F(StorageThreads, ShareOneSyncBetweenTheCommitsOfAllShards) {
  backend.Hold(true);
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  Submit(kFirst, Commit(2, "b"));
  Submit(kSecond, Commit(1, "c"));
  Submit(kFirst, Commit(3, "d"));
  backend.Hold(false);
  EXPECT_EQ(Heard(kFirst, 3), "1 ok, 2 ok, 3 ok");
  EXPECT_EQ(Heard(kSecond, 1), "1 ok");
  const StorageThread::Stats stats = thread.stats();
  EXPECT_TRUE(thread.Stop().ok());
  EXPECT_EQ(backend.keys(), (std::vector<std::string>{"a", "b", "c", "d"}));
  // The first may have been alone in its group; the rest waited together.
  EXPECT_LE(thread.stats().syncs, 2u);
  EXPECT_EQ(thread.stats().commits, 4u);
  EXPECT_EQ(thread.stats().backlog_bytes, 0u);
  static_cast<void>(stats);
}

TEST_F(StorageThreads, SyncPeriodicCommitsLaterAndNotForEach) {
  thread.Start();
  for (uint64_t i = 1; i <= 10; ++i) Submit(kFirst, Commit(i, "k", env::Durability::kPeriodic));
  Heard(kFirst, 10);
  const auto synced = [&] {
    const auto all = backend.log();
    return std::count(all.begin(), all.end(), "sync");
  };
  for (int i = 0; i < 500 && synced() == 0; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_GE(synced(), 1);
  EXPECT_LE(synced(), 2);
}

TEST_F(StorageThreads, SyncWhatIsLeftAtTheEnd) {
  thread.Start();
  Submit(kFirst, Commit(1, "k", env::Durability::kPeriodic));
  EXPECT_TRUE(thread.Stop().ok());
  EXPECT_EQ(backend.log(), (std::vector<std::string>{"commit", "sync"}));
  EXPECT_EQ(Heard(kFirst, 1), "1 ok");
}

TEST_F(StorageThreads, LetScansSeeTheCommitsBefore) {
  backend.Hold(true);
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  Submit(kFirst, {ReadRequest{{}, env::ReadToken{1}}, {}});
  Submit(kFirst, Commit(2, "b"));
  Submit(kFirst, {ReadRequest{{}, env::ReadToken{2}}, {}});
  backend.Hold(false);
  EXPECT_EQ(Heard(kFirst, 4), "1 ok, scan 1 rows, 2 ok, scan 2 rows");
}

TEST_F(StorageThreads, FailEverythingAfterAFinalError) {
  backend.NextCommits({absl::OkStatus(), DataLoss("broken")});
  backend.Hold(true);
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  Submit(kFirst, Commit(2, "b"));
  Submit(kFirst, Commit(3, "c"));
  Submit(kSecond, Commit(1, "d"));
  backend.Hold(false);
  EXPECT_TRUE(Heard(kFirst, 3).ends_with("2 broken, 3 broken")) << Heard(kFirst, 3);
  EXPECT_EQ(Heard(kSecond, 1), "1 broken");
  Submit(kSecond, Commit(2, "e"));
  EXPECT_EQ(Heard(kSecond, 2), "1 broken, 2 broken");
  EXPECT_EQ(backend.keys(), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(log.Has("broken"));
  EXPECT_FALSE(thread.Stop().ok());
}

TEST_F(StorageThreads, AcknowledgeNothingThatAFailedSyncShouldHaveStored) {
  backend.SyncFails(Internal("the disk is gone"));
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  EXPECT_EQ(Heard(kFirst, 1), "1 the disk is gone");
  backend.SyncFails(absl::OkStatus());
  Submit(kFirst, Commit(2, "b"));
  EXPECT_EQ(Heard(kFirst, 2), "1 the disk is gone, 2 the disk is gone");
  const auto calls = backend.log();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "sync"), 1) << "no sync is retried";
}

TEST_F(StorageThreads, ApplyInOrderOrNotAtAllWhenTheDiskIsFull) {
  backend.NextCommits({Unavailable("full")});
  backend.Hold(true);
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  Submit(kFirst, Commit(2, "b"));
  Submit(kSecond, Commit(1, "x"));
  backend.Hold(false);
  EXPECT_EQ(Heard(kFirst, 2), "1 full, 2 an earlier commit found no room");
  EXPECT_EQ(Heard(kSecond, 1), "1 ok");
  Submit(kFirst, Commit(3, "c"));
  EXPECT_TRUE(Heard(kFirst, 3).ends_with("3 an earlier commit found no room"));
  // It comes again from the first that was refused.
  std::vector<StorageRequest> again;
  for (const auto& [token, key] : {std::pair(1, "a"), {2, "b"}, {3, "c"}}) {
    again.push_back(Commit(static_cast<uint64_t>(token), key));
  }
  Submit(kFirst, std::move(again));
  EXPECT_TRUE(Heard(kFirst, 6).ends_with("1 ok, 2 ok, 3 ok")) << Heard(kFirst, 6);
  EXPECT_EQ(backend.keys(), (std::vector<std::string>{"x", "a", "b", "c"}));
}

TEST_F(StorageThreads, LetAShardRunWhatNeedsNoSyncWhileNobodyElseIsThere) {
  std::vector<StorageCompletion> results;
  std::vector<StorageRequest> requests;
  const auto direct = [&](StorageRequest request) {
    requests.clear();
    requests.push_back(std::move(request));
    return thread.RunDirectly(kFirst, requests, results);
  };
  EXPECT_FALSE(direct(Commit(1, "early", env::Durability::kPeriodic))) << "before the start";
  thread.Start();
  for (int i = 0; i < 1000 && !direct(Commit(1, "a", env::Durability::kPeriodic)); ++i) {
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(std::get<env::CommitDone>(results[0].event).status.ok());
  EXPECT_EQ(backend.keys(), (std::vector<std::string>{"a"}));
  EXPECT_FALSE(direct(Commit(2, "b"))) << "needs a sync";
  EXPECT_FALSE(direct({ReadRequest{{}, env::ReadToken{1}}, {}}));

  backend.Hold(true);
  Submit(kSecond, Commit(1, "other"));
  EXPECT_FALSE(direct(Commit(2, "c", env::Durability::kPeriodic))) << "the backend is in use";
  backend.Hold(false);
  EXPECT_EQ(Heard(kSecond, 1), "1 ok");
  // The thread syncs and maintains what others committed.
  const auto synced = [&] {
    const auto all = backend.log();
    return std::count(all.begin(), all.end(), "sync");
  };
  const auto before = synced();
  while (!direct(Commit(2, "d", env::Durability::kPeriodic))) std::this_thread::sleep_for(1ms);
  for (int i = 0; i < 500 && synced() == before; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_GT(synced(), before);
  EXPECT_GE(thread.stats().direct, 2u);
  EXPECT_TRUE(thread.Stop().ok());
  EXPECT_FALSE(direct(Commit(3, "e", env::Durability::kPeriodic))) << "after the end";
}

TEST_F(StorageThreads, MaintainTheBackendUntilNothingIsLeftToDo) {
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  Heard(kFirst, 1);
  for (int i = 0; i < 500 && backend.maintained() < 3; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(backend.maintained(), 3);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(backend.maintained(), 3);
}

TEST_F(StorageThreads, LetCommitsPassWhileTheUpkeepIsAtWork) {
  backend.AllowUpkeepBesideCommits();
  backend.HoldUpkeep(true);
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  Heard(kFirst, 1);
  for (int i = 0; i < 500 && backend.maintained() == 0; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(backend.maintained(), 1);
  Submit(kFirst, Commit(2, "b"));
  EXPECT_EQ(Heard(kFirst, 2), "1 ok, 2 ok");
  backend.HoldUpkeep(false);
  // To the end of the work; what was committed meanwhile is looked at too.
  for (int i = 0; i < 500 && backend.maintained() < 6; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(backend.maintained(), 6);
  std::this_thread::sleep_for(3 * kMaintainInterval);
  EXPECT_EQ(backend.maintained(), 6) << "without commits it sleeps";
  Submit(kFirst, Commit(3, "c"));
  for (int i = 0; i < 500 && backend.maintained() < 9; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(backend.maintained(), 9);
  EXPECT_TRUE(thread.Stop().ok());
}

TEST_F(StorageThreads, LetDirectCommitsPassWhileASyncIsUnderWay) {
  backend.AllowUpkeepBesideCommits();
  thread.Start();
  std::vector<StorageCompletion> results;
  const auto direct = [&](uint64_t token) {
    std::vector<StorageRequest> requests;
    requests.push_back(Commit(token, "k", env::Durability::kPeriodic));
    return thread.RunDirectly(kFirst, requests, results);
  };
  while (!direct(1)) std::this_thread::sleep_for(1ms);
  backend.HoldSyncs(true);
  std::this_thread::sleep_for(60ms);  // three times the interval
  EXPECT_TRUE(direct(2));
  EXPECT_TRUE(direct(3));
  backend.HoldSyncs(false);
  // What came while the sync was under way gets another one.
  const auto synced = [&] {
    const auto all = backend.log();
    return std::count(all.begin(), all.end(), "sync");
  };
  for (int i = 0; i < 500 && synced() < 2; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(synced(), 2);
  EXPECT_EQ(backend.keys().size(), 3u);
  EXPECT_TRUE(thread.Stop().ok());
}

TEST_F(StorageThreads, FailEverythingAfterAFailedSyncBesideCommits) {
  backend.AllowUpkeepBesideCommits();
  backend.SyncFails(Internal("the disk is gone"));
  thread.Start();
  Submit(kFirst, Commit(1, "a", env::Durability::kPeriodic));
  EXPECT_EQ(Heard(kFirst, 1), "1 ok");
  for (int i = 0; i < 500 && !log.Has("the disk is gone"); ++i) std::this_thread::sleep_for(2ms);
  Submit(kFirst, Commit(2, "b", env::Durability::kPeriodic));
  EXPECT_EQ(Heard(kFirst, 2), "1 ok, 2 the disk is gone");
  EXPECT_FALSE(thread.Stop().ok());
  const auto calls = backend.log();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "sync"), 1) << "no sync is retried";
}

TEST_F(StorageThreads, FailCommitsAfterTheUpkeepFailed) {
  backend.AllowUpkeepBesideCommits();
  backend.UpkeepFails(DataLoss("a page is damaged"));
  thread.Start();
  Submit(kFirst, Commit(1, "a"));
  EXPECT_EQ(Heard(kFirst, 1), "1 ok");
  for (int i = 0; i < 500 && !log.Has("a page is damaged"); ++i) std::this_thread::sleep_for(2ms);
  std::this_thread::sleep_for(5ms);
  Submit(kFirst, Commit(2, "b"));
  EXPECT_EQ(Heard(kFirst, 2), "1 ok, 2 a page is damaged");
  EXPECT_FALSE(thread.Stop().ok());
}

}  // namespace
}  // namespace quorate::io
