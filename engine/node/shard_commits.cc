// SPDX-License-Identifier: Apache-2.0
// What a shard stores: one commit a tick, in order; what waits for each; the full disk; the orderly
// end.
#include <algorithm>
#include <utility>

#include "engine/node/limits.h"
#include "engine/node/shard_impl.h"

namespace quorate::node {

void Shard::Impl::CommitBatch() {
  Commit& commit = commits_.emplace_back();
  shard_.marks.Raise(Watermark::kWaitingCommits, commits_.size());
  commit.token = env::CommitToken{++last_token_};
  commit.durability = shard_.tick.durability;
  commit.batch = std::exchange(shard_.tick.batch, {});
  shard_.tick.durability = env::Durability::kNone;
  ++counted_.commits;
  if (!shard_.disk_full) SubmitCommits();
}

// In order; while one is refused, those behind it wait with it.
void Shard::Impl::SubmitCommits() {
  if (!shard_.health.ok()) return;
  for (Commit& commit : commits_) {
    if (std::exchange(commit.submitted, true)) continue;
    storage_.Commit(commit.batch, commit.durability, commit.token);
  }
}

void Shard::Impl::Carry(AfterCommit after) {
  SendAll(after.messages);
  // The next ones need as much memory.
  if (shard_.tick.after.messages.empty()) shard_.tick.after.messages.swap(after.messages);
  for (const auto& [pool, event] : after.durable) FindPool(pool)->replica.Durable(event);
  for (const ClientId client : after.clients) {
    for (Pool& pool : pools_) {
      if (commands::Client* attached = pool.frontend.FindClient(client)) {
        attached->Release(commits_.empty() ? last_token_ : commits_.front().token.value - 1);
      }
    }
  }
}

void Shard::Impl::TakeCommit(const env::CommitDone& done) {
  if (commits_.empty() || done.token != commits_.front().token) return;  // of before a retry
  if (done.status.ok()) {
    AfterCommit after = std::move(commits_.front().after);
    commits_.pop_front();
    if (std::exchange(shard_.disk_full, false)) {
      shard_.marks.Reach(Mark::kRoomAgain);
      shard_.observer.Log(env::LogLevel::kInfo, "storage: there is room again, writes are served");
      for (Pool& pool : pools_) pool.replica.AllStored();
      SubmitCommits();  // those that came meanwhile
    }
    return Carry(std::move(after));
  }
  if (done.status.code() == absl::StatusCode::kUnavailable) {
    if (!shard_.disk_full) {
      shard_.marks.Reach(Mark::kDiskFull);
      shard_.observer.Log(
          env::LogLevel::kError,
          Format("storage: %s; writes are refused until there is room", MessageOf(done.status)));
      for (const Commit& commit : commits_) NoteUnstored(commit.batch);
      NoteUnstored(shard_.tick.batch);
    }
    shard_.disk_full = true;
    for (Commit& commit : commits_) commit.submitted = false;
    CloseWaitingClients();
    retry_at_ = shard_.now() + kCommitRetry;
    return;
  }
  shard_.health = done.status;
  shard_.marks.Reach(Mark::kStorageFailed);
  shard_.observer.Log(env::LogLevel::kError, Format("storage failed, this shard serves no more: %s",
                                                    MessageOf(done.status)));
}

void Shard::Impl::NoteUnstored(const env::WriteBatch& batch) {
  batch.ForEach([this](env::WriteBatch::Op, std::string_view row, std::string_view) {
    const auto address = keyspace::Keyspace::AddressOf(row);
    if (!address.ok()) return;  // the clock's ceiling
    if (Pool* pool = FindPool(address->pool)) pool->replica.NoteUnstored(address->key);
  });
}

// Replies to writes that found no room can neither leave nor be taken back: the connection ends, so
// that the client knows at once that the outcome is open.
void Shard::Impl::CloseWaitingClients() {
  for (Commit& commit : commits_) {
    for (const ClientId client : std::exchange(commit.after.clients, {})) {
      for (Pool& pool : pools_) {
        commands::Client* attached = pool.frontend.FindClient(client);
        if (attached == nullptr) continue;
        shard_.marks.Reach(Mark::kClientClosedOnFullDisk);
        attached->Close();
      }
    }
  }
}

// Everything in flight ends first; pools without durability are stored as they are.
void Shard::Impl::FinishStop() {
  if (stopped_) return;
  // What the life before has left is not known yet.
  if (!shard_.clock.open() && shard_.health.ok()) return;
  if (!stored_at_stop_) {
    for (Pool& pool : pools_) {
      if (pool.replica.operations() > 0 || pool.frontend.pending() > 0) return;
    }
    for (Pool& pool : pools_) {
      if (pool.options.durability != env::Durability::kNone) continue;
      if (QUORATE_PLANTED(options_.planted, kStopForgets)) continue;
      pool.replica.keyspace().StoreAll([this](std::string_view key, std::string_view value) {
        shard_.tick.batch.Put(key, value);
      });
    }
    stored_at_stop_ = true;
    // A life that ends before it has read the ceiling has stamped nothing.
    if (shard_.clock.open()) {
      PutClockCeiling(shard_.tick.batch, options_.shard, shard_.clock.Now().Next());
      shard_.tick.durability = env::Durability::kAlways;
      return;
    }
  }
  stopped_ = commits_.empty() || !shard_.health.ok();
}

}  // namespace quorate::node
