// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/storage_thread.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/check.h"
#include "io/runtime/system_clocks.h"

namespace quorate::io {
namespace {

size_t BytesOf(const StorageRequest& request) {
  const auto* const commit = std::get_if<CommitRequest>(&request.work);
  return commit == nullptr ? 0 : commit->batch.rep().size();
}

}  // namespace

StorageThread::StorageThread(env::StorageBackend& backend, env::Observer& observer,
                             const Options& options, Deliver deliver)
    : backend_(backend),
      observer_(observer),
      options_(options),
      deliver_(std::move(deliver)),
      refused_(options.shards),
      outgoing_(options.shards) {}

StorageThread::~StorageThread() {
  if (thread_.joinable()) static_cast<void>(Stop());
}

bool StorageThread::RunDirectly(ShardIndex shard, std::vector<StorageRequest>& requests,
                                std::vector<StorageCompletion>& done) {
  const auto needs_thread = [](const StorageRequest& request) {
    const auto* const commit = std::get_if<CommitRequest>(&request.work);
    return commit == nullptr || commit->durability == env::Durability::kAlways;
  };
  if (!options_.direct_commits || requests.empty() ||
      std::any_of(requests.begin(), requests.end(), needs_thread) || !Reserve()) {
    return false;
  }
  for (StorageRequest& request : requests) {
    auto& commit = std::get<CommitRequest>(request.work);
    RunCommit(shard, commit, request.submitted);
  }
  requests.clear();
  ++counted_.direct;
  group_bytes_ = 0;
  FinishGroup();
  std::vector<StorageCompletion>& completions = outgoing_[shard.value];
  std::move(completions.begin(), completions.end(), std::back_inserter(done));
  completions.clear();
  Release();
  return true;
}

// False where others wait or are at work.
bool StorageThread::Reserve() {
  MutexLock lock(mutex_);
  if (in_use_ || stopping_ || !queue_.empty()) return false;
  in_use_ = true;
  return true;
}

void StorageThread::Release() {
  const bool sync_waits = unsynced_since_.has_value();
  MutexLock lock(mutex_);
  in_use_ = false;
  // The thread knows of no sync while it sleeps without one; later ones need not wake it again.
  if (wanted_back_) return wake_.WakeOne();
  if (sleeping_ && (!queue_.empty() || stopping_ || (sync_waits && !sleeps_for_sync_))) {
    wake_.WakeOne();
  }
}

void StorageThread::Start() {
  if (backend_.upkeep_beside_commits()) upkeep_.emplace(backend_, observer_).Start();
  thread_ = std::thread([this] { Run(); });
}

void StorageThread::Submit(ShardIndex shard, std::vector<StorageRequest>& requests) {
  if (requests.empty()) return;
  MutexLock lock(mutex_);
  for (StorageRequest& request : requests) {
    backlog_bytes_ += BytesOf(request);
    queue_.push_back({shard, std::move(request)});
  }
  requests.clear();
  if (sleeping_) wake_.WakeOne();
}

absl::Status StorageThread::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.WakeOne();
  }
  thread_.join();
  if (upkeep_) upkeep_->Stop();
  return failure_;
}

StorageThread::Stats StorageThread::stats() const {
  MutexLock lock(mutex_);
  Stats stats = in_use_ ? published_ : counted_;
  stats.backlog_bytes = backlog_bytes_;
  return stats;
}

void StorageThread::Recover() {
  const Instant begin = ReadMonotonic();
  recovered_ = backend_.Recover();
  if (!recovered_.ok()) return Poison(recovered_);
  const Duration took = ReadMonotonic() - begin;
  const env::StorageBackend::Stats stats = backend_.stats();
  if (stats.journal_bytes == 0) return;
  constexpr uint64_t kMebibyte = 1 << 20;
  observer_.Log(env::LogLevel::kInfo,
                Format("replayed a journal of %d MiB, %d MiB of rows, in %d ms",
                       stats.journal_bytes / kMebibyte, stats.dirty_bytes / kMebibyte,
                       std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
}

void StorageThread::Run() {
  std::vector<Item> items;
  PublishStats();
  Recover();
  PublishStats();
  while (Take(items)) {
    if (items.empty()) {
      MaintainOnce();
    } else {
      RunItems(items);
    }
    SyncIfDue(/*last=*/false);
    PublishStats();
  }
  SyncIfDue(/*last=*/true);
  PublishStats();
}

// False where the thread is to end and nothing waits. No items where a time is reached or there is
// something to maintain. The backend is the thread's own from here until the next call.
bool StorageThread::Take(std::vector<Item>& items) {
  items.clear();
  MutexLock lock(mutex_);
  in_use_ = false;
  while (true) {
    Duration patience = kSleepMax;
    sleeps_for_sync_ = false;
    if (!in_use_) {
      if (!queue_.empty() || stopping_) break;
      patience = Patience();
      if (patience <= Duration(0)) break;
      sleeps_for_sync_ = unsynced_since_.has_value();
    }
    sleeping_ = true;
    wake_.WaitFor(mutex_, patience);
    sleeping_ = false;
  }
  in_use_ = true;
  items.swap(queue_);
  return !items.empty() || !stopping_;
}

// How long the thread may sleep when nothing is asked of it.
Duration StorageThread::Patience() const {
  const Instant now = ReadMonotonic();
  Duration patience = kSleepMax;
  if (unsynced_since_) patience = *unsynced_since_ + options_.sync_interval - now;
  if (maintain_more_) patience = std::min(patience, maintain_at_ - now);
  return patience;
}

void StorageThread::RunItems(std::vector<Item>& items) {
  for (Item& item : items) {
    const Instant submitted = item.request.submitted;
    std::visit(
        [&](auto& work) {
          using Work = std::decay_t<decltype(work)>;
          if constexpr (std::is_same_v<Work, CommitRequest>) {
            RunCommit(item.shard, work, submitted);
          } else {
            RunRead(item.shard, work);
          }
        },
        item.request.work);
    if (group_bytes_ >= options_.group_bytes_max) EndGroup();
  }
  EndGroup();
}

void StorageThread::RunCommit(ShardIndex shard, CommitRequest& commit, Instant submitted) {
  const size_t bytes = commit.batch.rep().size();
  const auto finish = [&](absl::Status status) {
    group_.push_back({shard, {env::CommitDone{commit.token, std::move(status)}, bytes, submitted}});
  };
  group_bytes_ += bytes;
  if (upkeep_ && upkeep_->failed()) Poison(upkeep_->failure());
  if (!failure_.ok()) return finish(failure_);
  std::optional<env::CommitToken>& refused = refused_[shard.value];
  if (refused && commit.token > *refused) {
    return finish(Unavailable("an earlier commit found no room"));
  }
  refused.reset();
  absl::Status status = backend_.Commit(commit.batch, /*sync=*/false);
  // It leaves work behind. Without a thread for that, it is done when nothing else waits.
  if (upkeep_) {
    upkeep_->Note();
  } else {
    maintain_more_ = true;
  }
  if (absl::IsUnavailable(status)) {
    refused = commit.token;
  } else if (!status.ok()) {
    Poison(status);
  } else {
    ++counted_.commits;
    if (commit.durability == env::Durability::kAlways) group_needs_sync_ = true;
    if (commit.durability == env::Durability::kPeriodic && !unsynced_since_) {
      unsynced_since_ = ReadMonotonic();
    }
  }
  finish(std::move(status));
}

void StorageThread::RunRead(ShardIndex shard, ReadRequest& read) {
  using Result = absl::StatusOr<env::ScanResult>;
  Result result = recovered_.ok() ? backend_.Scan(read.range) : Result(recovered_);
  group_.push_back({shard, {env::ScanDone{read.token, std::move(result)}, 0, {}}});
}

void StorageThread::SyncNow() {
  ++counted_.syncs;
  unsynced_since_.reset();
  if (const absl::Status status = backend_.Sync(); !status.ok()) Poison(status);
}

// One sync for all; what it was to make durable fails with it.
void StorageThread::EndGroup() {
  if (group_.empty()) return;
  if (std::exchange(group_needs_sync_, false) && failure_.ok()) {
    SyncNow();
    for (Waiting& waiting : group_) {
      auto* const done = std::get_if<env::CommitDone>(&waiting.completion.event);
      if (!failure_.ok() && done != nullptr && done->status.ok()) done->status = failure_;
    }
  }
  FinishGroup();
  {
    MutexLock lock(mutex_);
    backlog_bytes_ -= std::exchange(group_bytes_, 0);
  }
  for (size_t i = 0; i < outgoing_.size(); ++i) {
    if (!outgoing_[i].empty()) deliver_(ShardIndex{static_cast<uint16_t>(i)}, outgoing_[i]);
  }
}

// The results to their shards.
void StorageThread::FinishGroup() {
  ++counted_.groups;
  const Instant now = ReadMonotonic();
  for (Waiting& waiting : group_) {
    if (waiting.completion.bytes > 0) counted_.latency.Add(now - waiting.completion.submitted);
    outgoing_[waiting.shard.value].push_back(std::move(waiting.completion));
  }
  group_.clear();
}

void StorageThread::SyncIfDue(bool last) {
  if (!unsynced_since_ || !failure_.ok()) return;
  if (!last && ReadMonotonic() - *unsynced_since_ < options_.sync_interval) return;
  if (last || !upkeep_) return SyncNow();
  SyncBeside();
}

// Lends the backend to those who commit directly while it syncs what was committed so far.
void StorageThread::SyncBeside() {
  ++counted_.syncs;
  unsynced_since_.reset();
  {
    MutexLock lock(mutex_);
    in_use_ = false;
  }
  const absl::Status status = backend_.Sync();
  {
    MutexLock lock(mutex_);
    wanted_back_ = true;
    while (in_use_) wake_.Wait(mutex_);
    wanted_back_ = false;
    in_use_ = true;
  }
  if (!status.ok()) Poison(status);
}

void StorageThread::MaintainOnce() {
  if (!maintain_more_ || !failure_.ok()) {
    maintain_more_ = false;
    return;
  }
  const absl::StatusOr<bool> more = backend_.Maintain();
  maintain_more_ = !more.ok() || *more;
  if (more.ok()) return;
  maintain_at_ = ReadMonotonic() + kMaintainRetryDelay;
  if (!absl::IsUnavailable(more.status())) Poison(more.status());
}

void StorageThread::Poison(const absl::Status& status) {
  if (!failure_.ok()) return;
  failure_ = status;
  unsynced_since_.reset();
  observer_.Log(env::LogLevel::kError,
                Format("storage failed and is not used any more: %s", MessageOf(status)));
}

void StorageThread::PublishStats() {
  counted_.backend = backend_.stats();
  MutexLock lock(mutex_);
  published_ = counted_;
}

}  // namespace quorate::io
