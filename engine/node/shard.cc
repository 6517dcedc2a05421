// SPDX-License-Identifier: Apache-2.0
#include "engine/node/shard.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/base/random.h"
#include "engine/node/info.h"
#include "engine/node/limits.h"
#include "engine/node/shard_impl.h"

namespace quorate::node {

Shard::Impl::Impl(const ShardOptions& options, const topology::Topology& topology,
                  env::Network& network, env::Storage& storage, env::Observer& observer)
    : options_(options),
      shard_(options_, topology, observer),
      network_(network),
      storage_(storage),
      loader_(shard_, storage) {
  AddPools();
  TellSettings();
}

void Shard::Impl::TellSettings() {
  const auto tell = [this](std::string_view name, std::string_view value) {
    QUORATE_CHECK(shard_.config.Assign(name, value).ok());
  };
  for (const auto& [name, value] : options_.settings) tell(name, value);
  for (const PoolOptions& pool : options_.pools) {
    if (!pool.password.empty()) tell("requirepass", pool.password);
  }
  if (options_.pools.size() != 1) return;
  const PoolOptions& pool = options_.pools.front();
  tell("maxmemory", std::to_string(pool.memory_bytes_max * options_.shards));
  tell("maxmemory-policy", pool.eviction == Eviction::kClock ? "allkeys-lru" : "noeviction");
  tell("appendonly", pool.durability == env::Durability::kNone ? "no" : "yes");
  tell("appendfsync", pool.durability == env::Durability::kAlways ? "always" : "everysec");
}

void Shard::Impl::AddPools() {
  std::vector<const PoolOptions*> by_id;
  by_id.reserve(options_.pools.size());
  for (const PoolOptions& pool : options_.pools) by_id.push_back(&pool);
  std::sort(by_id.begin(), by_id.end(),
            [](const PoolOptions* a, const PoolOptions* b) { return a->pool < b->pool; });
  for (const PoolOptions* options : by_id) {
    const topology::PoolSpec* spec = shard_.topology.FindPool(options->pool);
    QUORATE_CHECK(spec != nullptr);
    pools_.emplace_back(*this, *options, *spec);
  }
}

Shard::Impl::Pool::Pool(Impl& shard, const PoolOptions& pool_options,
                        const topology::PoolSpec& pool_spec)
    : id(pool_options.pool),
      options(pool_options),
      spec(pool_spec),
      replica(shard.shard_, options, spec,
              [this](uint64_t ticket, wire::Outcome, Bytes tape) {
                frontend.Finished(ticket, std::move(tape));
              }),
      frontend(shard.shard_, options, spec, replica, shard.HostOf(*this)) {}

Frontend::Host Shard::Impl::HostOf(const Pool& pool) {
  Frontend::Host host;
  host.set_config = [this](std::span<const commands::ConfigChange> changes) {
    return SetConfig(changes);
  };
  host.reset_statistics = [this] {
    counted_ = {};
    for (Pool& each : pools_) each.frontend.ResetStatistics();
  };
  host.info = [this, &pool](std::string_view section) {
    const keyspace::Keyspace& data = pool.replica.keyspace();
    return InfoLines(section, shard_, stats(),
                     PoolInfo{&pool.options, &pool.spec, data.objects(), data.deadlines(),
                              data.dead(), data.bytes()},
                     started_);
  };
  return host;
}

Shard::Impl::Pool* Shard::Impl::FindPool(PoolId pool) {
  return const_cast<Pool*>(std::as_const(*this).FindPool(pool));
}
const Shard::Impl::Pool* Shard::Impl::FindPool(PoolId pool) const {
  for (const Pool& each : pools_) {
    if (each.id == pool) return &each;
  }
  return nullptr;
}

// --- the tick

void Shard::Impl::BeginTick(const Clocks& clocks) {
  shard_.tick.clocks = clocks;
  shard_.clock.Advance(clocks.wall);
  JudgeClock();
}

void Shard::Impl::JudgeClock() {
  if (clock_judged_ > shard_.now()) return;
  clock_judged_ = shard_.now() + kClockInterval;
  shard_.peer_clocks.Forget(shard_.now() - kClockMeasureLife);
  const bool off = shard_.peer_clocks.IsOff(options_.clock_skew_max);
  if (off) PingPeers();
  if (off == shard_.clock_off) return;
  shard_.clock_off = off;
  shard_.observer.Log(
      off ? env::LogLevel::kError : env::LogLevel::kInfo,
      Format("clock: %d ms from the median of the peers; writes are %s",
             -shard_.peer_clocks.MedianOffsetMs(), off ? "refused" : "served again"));
}

// A node that refuses to stamp asks little: it would not hear that its clock is right again.
void Shard::Impl::PingPeers() {
  while (true) {
    const wire::RequestId id = shard_.NewRequestId();
    const NodeId peer = shard_.peer_clocks.TakeUnasked(id, shard_.tick.clocks);
    if (peer == NodeId{}) return;
    shard_.Send({peer, env::TargetKind::kNode, PoolId{}, 0}, wire::Ping{id});
  }
}

void Shard::Impl::Start() {
  QUORATE_CHECK(!began_);
  began_ = true;
  started_ = shard_.now();
  loader_.Begin(Sources());
  shard_.loading = true;
}

std::vector<Loader::Source> Shard::Impl::Sources() {
  std::vector<Loader::Source> sources;
  sources.reserve(pools_.size());
  for (Pool& pool : pools_) {
    sources.push_back({&pool.replica, pool.options.durability});
  }
  return sources;
}

void Shard::Impl::Deliver(const wire::Message& message) {
  ++counted_.messages_in;
  if (message.sender.node != shard_.self()) shard_.peers.Heard(message.sender.node);
  // A reply to a request of an earlier life answers nothing of this one.
  const auto is_mine = [&] { return message.requester == options_.record.incarnation; };
  const auto to_replica = [&](const auto& body) {
    if (Pool* pool = FindPool(body.pool)) pool->replica.Deliver(message, body);
  };
  // Replies name no pool: the id is unique in the shard, and one pool knows it.
  const auto reply_to_replicas = [&](const auto& body) {
    if (!is_mine()) return;
    for (Pool& pool : pools_) pool.replica.Deliver(message, body);
  };
  std::visit(Overloaded{
                 [&](const wire::Execute& body) { to_replica(body); },
                 [&](const wire::Read& body) { to_replica(body); },
                 [&](const wire::Mutate& body) { to_replica(body); },
                 [&](const wire::ReadReply& body) { reply_to_replicas(body); },
                 [&](const wire::MutateReply& body) { reply_to_replicas(body); },
                 [&](const wire::ExecuteReply& body) {
                   if (!is_mine()) return;
                   shard_.peers.Answered(message.sender.node, message.sender.incarnation);
                   for (Pool& pool : pools_) pool.frontend.Deliver(body);
                 },
                 [&](const wire::Keyspace& body) {
                   if (Pool* pool = FindPool(body.pool))
                     pool->frontend.walks().Deliver(message, body);
                 },
                 [&](const wire::KeyspaceReply& body) {
                   if (!is_mine()) return;
                   for (Pool& pool : pools_) pool.frontend.walks().Deliver(body);
                 },
                 [&](const wire::Ping& body) {
                   shard_.Reply(message, ShardState::RequesterOf(message, PoolId{}, body.id),
                                wire::Pong{body.id});
                 },
                 [&](const wire::Pong& body) {
                   if (!is_mine()) return;
                   shard_.peer_clocks.Answered(message.sender.node, body.id, message.sender.wall,
                                               shard_.tick.clocks);
                 },
                 [](const wire::EpochNotice&) {},  // the topology is static: there is one epoch
                 [&](const wire::Settings& body) {
                   if (message.sender.node != shard_.self()) return;
                   TakeSettings(body);
                 },
             },
             message.body);
}

void Shard::Impl::FetchAhead(const wire::Message& message) const {
  const auto at_replica = [&](const auto& body) {
    if (const Pool* pool = FindPool(body.pool)) pool->replica.FetchAhead(message, body);
  };
  std::visit(Overloaded{
                 [&](const wire::Execute& body) { at_replica(body); },
                 [&](const wire::Read& body) { at_replica(body); },
                 [&](const wire::Mutate& body) { at_replica(body); },
                 [&](const wire::ExecuteReply&) { shard_.peers.FetchAhead(message.sender.node); },
                 [](const auto&) {},
             },
             message.body);
}

void Shard::Impl::OnStorage(env::StorageEvent event) {
  if (const auto* commit = std::get_if<env::CommitDone>(&event)) return TakeCommit(*commit);
  // A stop has stored what was loaded. The rest stays as the life before has left it: taking a row
  // may delete it, and nobody would store it again.
  if (stored_at_stop_ && !QUORATE_PLANTED(options_.planted, kStopReadsOn)) return;
  const absl::Status taken = loader_.Take(std::get<env::ScanDone>(event));
  if (!taken.ok() && shard_.health.ok()) {
    shard_.health = taken;
    shard_.observer.Log(env::LogLevel::kError, Format("loading failed: %s", MessageOf(taken)));
  }
  if (loader_.done() && shard_.loading) {
    shard_.loading = false;
    shard_.observer.Log(env::LogLevel::kInfo, Format("loaded %u rows", loader_.rows()));
  }
}

void Shard::Impl::EndTick() {
  ++counted_.ticks;
  for (Pool& pool : pools_) pool.frontend.ExecuteRequests();
  for (Pool& pool : pools_) {
    pool.replica.FireTimers();
    pool.frontend.FireTimers();
  }
  if (retry_at_ <= shard_.now()) {
    retry_at_ = Instant::max();
    SubmitCommits();
  }
  if (shard_.stopping && QUORATE_PLANTED(options_.planted, kStopUnwoken)) FinishStop();
  Flush();
  if (!shard_.stopping || QUORATE_PLANTED(options_.planted, kStopUnwoken)) return;
  // What the flush has ended was the last thing that a stop waited for, perhaps: no other tick need
  // come.
  FinishStop();
  Flush();
}

// Ends the tick: commits, and carries out what need not wait. What that brings about ends here too.
void Shard::Impl::Flush() {
  while (true) {
    if (shard_.clock.NeedsReservation() || ReservesEarly()) {
      shard_.marks.Reach(Mark::kCeilingReserved);
      const HybridTime ceiling = shard_.clock.NextCeiling();
      PutClockCeiling(shard_.tick.batch, options_.shard, ceiling);
      shard_.tick.durability = env::Durability::kAlways;
      shard_.clock.Reserve(ceiling);
      // Stamps above the durable ceiling do not leave before it is raised.
      auto& after = shard_.tick.after.messages;
      after.insert(after.begin(), std::make_move_iterator(shard_.tick.messages.begin()),
                   std::make_move_iterator(shard_.tick.messages.end()));
      shard_.tick.messages.clear();
    }
    SendAll(shard_.tick.messages);
    GateClients();
    AfterCommit after = std::exchange(shard_.tick.after, {});
    // A pool that asked for the batch and put nothing into it asks nothing of the next tick, which
    // may be that of a pool whose rows need no sync.
    if (shard_.tick.batch.empty()) shard_.tick.durability = env::Durability::kNone;
    if (!shard_.tick.batch.empty()) {
      CommitBatch();
      commits_.back().after = std::move(after);
    } else if (!commits_.empty()) {
      AfterCommit& waiting = commits_.back().after;
      std::move(after.messages.begin(), after.messages.end(), std::back_inserter(waiting.messages));
      waiting.durable.insert(waiting.durable.end(), after.durable.begin(), after.durable.end());
      waiting.clients.insert(waiting.clients.end(), after.clients.begin(), after.clients.end());
    } else {
      if (after.empty()) return;
      Carry(std::move(after));
      continue;
    }
    if (shard_.tick.after.empty() && shard_.tick.messages.empty()) return;
  }
}

// Only where something is stored anyway, or it would never end.
bool Shard::Impl::ReservesEarly() {
  return shard_.clock.open() && !shard_.stopping && !shard_.tick.batch.empty() &&
         shard_.Fires(FaultPoint::kReserveEarly, last_token_);
}

void Shard::Impl::SendAll(std::vector<Outgoing>& messages) {
  counted_.messages_out += messages.size();
  for (Outgoing& outgoing : messages) network_.Send(outgoing.target, std::move(outgoing.message));
  messages.clear();
}

// Replies of this tick wait for the last commit: it is the newest thing they can have seen.
void Shard::Impl::GateClients() {
  // While the disk is full nothing would ever be released; reads are served from memory then.
  const bool early = shard_.disk_full || QUORATE_PLANTED(options_.planted, kAckBeforeCommit);
  const bool at_once = early || (commits_.empty() && shard_.tick.batch.empty());
  const uint64_t last = last_token_ + (shard_.tick.batch.empty() ? 0 : 1);
  const uint64_t barrier = early ? 0 : last;
  for (Pool& pool : pools_) {
    for (commands::Client* client : pool.frontend.TakeTouched()) {
      client->Gate(barrier);
      if (at_once) {
        client->Release(barrier);
      } else {
        shard_.tick.after.clients.push_back(client->id);
      }
    }
  }
}

// What most ticks look at; not marks, options and scratch.
Footprint Shard::Impl::footprint() const {
  Footprint footprint;
  footprint.Add(options_.record);
  footprint.Add(shard_, shard_.draws);
  footprint.Add(pools_);
  footprint.Add(commits_, counted_);
  for (const Pool& pool : pools_) {
    footprint.Add(pool.id);
    pool.replica.AddTo(footprint);
    pool.frontend.AddTo(footprint);
  }
  return footprint;
}

Instant Shard::Impl::NextDeadline() const {
  Instant next = retry_at_;
  if (shard_.clock_off) next = std::min(next, clock_judged_);
  for (const Pool& pool : pools_) {
    next = std::min({next, pool.replica.NextDeadline(), pool.frontend.NextDeadline()});
  }
  return next;
}

// --- settings and figures

absl::Status Shard::Impl::SetConfig(std::span<const commands::ConfigChange> changes) {
  QUORATE_RETURN_IF_ERROR(shard_.config.Set(changes));
  wire::Settings settings;
  for (const commands::ConfigChange& change : changes) {
    settings.values.emplace_back(change.name, change.value);
  }
  for (uint16_t i = 0; i < options_.shards; ++i) {
    if (i == options_.shard.value) continue;
    shard_.Send(
        {shard_.self(), env::TargetKind::kRequester, PoolId{}, static_cast<uint64_t>(i) << 48},
        settings);
  }
  return absl::OkStatus();
}

void Shard::Impl::TakeSettings(const wire::Settings& settings) {
  std::vector<commands::ConfigChange> changes;
  changes.reserve(settings.values.size());
  for (const auto& [name, value] : settings.values) changes.push_back({name, value});
  // The sibling has checked them against the same table.
  QUORATE_CHECK(shard_.config.Set(changes).ok());
}

Shard::Stats Shard::Impl::stats() const {
  Stats stats = counted_;
  stats.suspects = shard_.peers.suspects();
  stats.commits_in_flight = commits_.size();
  for (const Pool& pool : pools_) {
    const auto& coordinated = pool.replica.coordinator().stats();
    stats.commands += pool.frontend.commands();
    stats.error_replies += pool.frontend.error_replies();
    stats.clients += pool.frontend.clients();
    stats.read_repairs += coordinated.read_repairs;
    stats.restamps += coordinated.restamps;
    stats.quorum_failures += coordinated.failures + pool.frontend.failures();
    stats.evicted += pool.replica.evicted();
    stats.changes += pool.replica.changes();
    stats.operations_in_flight += pool.replica.operations() + pool.frontend.pending();
    stats.objects += pool.replica.keyspace().objects();
    stats.logical_bytes += pool.replica.keyspace().bytes();
  }
  return stats;
}

Marks Shard::Impl::marks() const {
  Marks all = shard_.marks;
  for (const Pool& pool : pools_) all.Add(pool.replica.coordinator().marks());
  return all;
}

uint64_t Shard::Impl::digest(PoolId id) const {
  const Pool* pool = FindPool(id);
  return pool == nullptr ? 0 : pool->replica.keyspace().digest();
}

uint64_t Shard::Impl::digest() const {
  uint64_t sum = 0;
  for (const Pool& pool : pools_) sum = Mix(sum, pool.replica.keyspace().digest());
  return sum;
}

void Shard::Impl::ForEachObject(
    PoolId id, const std::function<void(std::string_view, std::string_view)>& visit) const {
  const Pool* pool = FindPool(id);
  if (pool == nullptr) return;
  const keyspace::Keyspace& data = pool->replica.keyspace();
  Bytes state;
  data.ForEachFrom(Place{}, [&](Place, keyspace::Object& object) {
    data.PackSettled(object, state);
    visit(object.key(), state);
    return true;
  });
}

// --- Shard

Shard::Shard(const ShardOptions& options, const topology::Topology& topology, env::Network& network,
             env::Storage& storage, env::Observer& observer)
    : impl_(std::make_unique<Impl>(options, topology, network, storage, observer)) {}
Shard::~Shard() = default;

RequestPort& Shard::Port(PoolId pool) { return impl_->Port(pool); }
void Shard::BeginTick(const Clocks& clocks) { impl_->BeginTick(clocks); }
void Shard::Start() { impl_->Start(); }
void Shard::Deliver(const wire::Message& message) { impl_->Deliver(message); }
void Shard::FetchAhead(const wire::Message& message) const { impl_->FetchAhead(message); }
void Shard::OnStorage(env::StorageEvent event) { impl_->OnStorage(std::move(event)); }
void Shard::Stop() { impl_->Stop(); }
void Shard::EndTick() { impl_->EndTick(); }
void Shard::Save(Bytes& out, bool hides, const KeepObject& keep) const {
  impl_->Save(out, hides, keep);
}
absl::Status Shard::Load(std::string_view bytes, const FindSession& find) {
  return impl_->Load(bytes, find);
}
void Shard::BeginSnapshot(Bytes& frame, bool hides) { impl_->BeginSnapshot(frame, hides); }
bool Shard::in_snapshot() const { return impl_->in_snapshot(); }
bool Shard::StepSnapshot(keyspace::SnapshotBudget budget, Bytes& piece) {
  return impl_->StepSnapshot(budget, piece);
}
Instant Shard::NextDeadline() const { return impl_->NextDeadline(); }
bool Shard::loading() const { return impl_->loading(); }
bool Shard::stopped() const { return impl_->stopped(); }
bool Shard::orderly() const { return impl_->orderly(); }
bool Shard::disk_full() const { return impl_->disk_full(); }
absl::Status Shard::health() const { return impl_->health(); }
const commands::ConfigTable& Shard::config() const { return impl_->config(); }
Footprint Shard::footprint() const {
  Footprint footprint = impl_->footprint();
  footprint.Add(impl_);
  return footprint;
}
Shard::Stats Shard::stats() const { return impl_->stats(); }
Marks Shard::marks() const { return impl_->marks(); }
uint64_t Shard::digest(PoolId pool) const { return impl_->digest(pool); }
uint64_t Shard::digest() const { return impl_->digest(); }
void Shard::ForEachObject(
    PoolId pool, const std::function<void(std::string_view, std::string_view)>& visit) const {
  impl_->ForEachObject(pool, visit);
}

}  // namespace quorate::node
