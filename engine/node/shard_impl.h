// SPDX-License-Identifier: Apache-2.0
// What shard.h promises, for the files that keep it: shard.cc the tick, shard_commits.cc what waits
// for storage, shard_save.cc the state as bytes.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "engine/node/frontend.h"
#include "engine/node/loader.h"
#include "engine/node/replica.h"
#include "engine/node/shard.h"
#include "engine/node/shard_state.h"

namespace quorate::node {

class Shard::Impl {
 public:
  Impl(const ShardOptions& options, const topology::Topology& topology, env::Network& network,
       env::Storage& storage, env::Observer& observer);

  RequestPort& Port(PoolId pool) { return FindPool(pool)->frontend; }
  void BeginTick(const Clocks& clocks);
  void Start();
  void Deliver(const wire::Message& message);
  void FetchAhead(const wire::Message& message) const;
  void OnStorage(env::StorageEvent event);
  void Stop() { shard_.stopping = true; }
  void EndTick();
  [[nodiscard]] Instant NextDeadline() const;
  [[nodiscard]] bool loading() const { return shard_.loading; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] bool orderly() const {
    return shard_.clock.open() && (!shard_.loading || shard_.ended_orderly);
  }
  [[nodiscard]] bool disk_full() const { return shard_.disk_full; }
  [[nodiscard]] absl::Status health() const { return shard_.health; }
  [[nodiscard]] const commands::ConfigTable& config() const { return shard_.config; }
  [[nodiscard]] Footprint footprint() const;
  [[nodiscard]] Stats stats() const;
  [[nodiscard]] Marks marks() const;
  [[nodiscard]] uint64_t digest(PoolId pool) const;
  [[nodiscard]] uint64_t digest() const;
  void ForEachObject(PoolId pool,
                     const std::function<void(std::string_view, std::string_view)>& visit) const;
  void Save(Bytes& out, bool hides, const Shard::KeepObject& keep) const;
  absl::Status Load(std::string_view bytes, const FindSession& find);
  void BeginSnapshot(Bytes& frame, bool hides);
  [[nodiscard]] bool in_snapshot() const;
  bool StepSnapshot(keyspace::SnapshotBudget budget, Bytes& piece);

 private:
  // In one piece: every tick looks at all of it.
  struct Pool {
    Pool(Impl& shard, const PoolOptions& pool_options, const topology::PoolSpec& pool_spec);

    const PoolId id;
    const PoolOptions& options;
    const topology::PoolSpec& spec;
    Replica replica;
    Frontend frontend;
  };
  struct Commit {
    env::CommitToken token;
    env::WriteBatch batch;  // kept until it is done: a full disk makes it come again
    env::Durability durability = env::Durability::kAlways;
    AfterCommit after;
    bool submitted = false;  // and not refused since
  };

  void SaveOwn(Bytes& out, bool hides) const;
  void SaveCommits(Bytes& out, bool hides) const;
  absl::Status LoadCommits(ByteReader& reader);
  [[nodiscard]] std::vector<Loader::Source> Sources();
  Pool* FindPool(PoolId pool);
  [[nodiscard]] const Pool* FindPool(PoolId pool) const;
  void AddPools();
  Frontend::Host HostOf(const Pool& pool);
  void TellSettings();
  void JudgeClock();
  void PingPeers();
  void Flush();
  void CommitBatch();
  bool ReservesEarly();
  void SendAll(std::vector<Outgoing>& messages);
  void Carry(AfterCommit after);
  void GateClients();
  void TakeCommit(const env::CommitDone& done);
  void SubmitCommits();
  void NoteUnstored(const env::WriteBatch& batch);
  void CloseWaitingClients();
  void FinishStop();
  absl::Status SetConfig(std::span<const commands::ConfigChange> changes);
  void TakeSettings(const wire::Settings& settings);

  const ShardOptions options_;
  ShardState shard_;
  env::Network& network_;
  env::Storage& storage_;
  std::list<Pool> pools_;  // by id; they stay where they are
  Loader loader_;
  std::deque<Commit> commits_;  // submitted, in order
  uint64_t last_token_ = 0;
  Instant retry_at_ = Instant::max();
  Instant started_{};
  bool began_ = false;
  bool stored_at_stop_ = false;
  bool stopped_ = false;
  Instant clock_judged_ = Instant::min();
  Stats counted_;
};

}  // namespace quorate::node
