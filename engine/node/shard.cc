// SPDX-License-Identifier: Apache-2.0
#include "engine/node/shard.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/base/random.h"
#include "engine/node/frontend.h"
#include "engine/node/hide.h"
#include "engine/node/info.h"
#include "engine/node/limits.h"
#include "engine/node/loader.h"
#include "engine/node/replica.h"
#include "engine/node/saved.h"
#include "engine/node/shard_state.h"

namespace quorate::node {
namespace {

constexpr uint8_t kStateVersion = 5;  // of Save

}  // namespace

class Shard::Impl {
 public:
  Impl(const ShardOptions& options, const topology::Topology& topology, env::Network& network,
       env::Storage& storage, env::Observer& observer);

  RequestPort& Port(PoolId pool) { return *FindPool(pool)->frontend; }
  void BeginTick(const Clocks& clocks);
  void Start();
  void Deliver(wire::Message message);
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
  [[nodiscard]] Stats stats() const;
  [[nodiscard]] Marks marks() const;
  [[nodiscard]] uint64_t digest(PoolId pool) const;
  [[nodiscard]] uint64_t digest() const;
  void ForEachObject(PoolId pool,
                     const std::function<void(std::string_view, std::string_view)>& visit) const;
  void Save(Bytes& out, bool hides) const;
  absl::Status Load(std::string_view bytes, const FindSession& find);

 private:
  struct Pool {
    const PoolOptions* options = nullptr;
    const topology::PoolSpec* spec = nullptr;
    std::unique_ptr<Replica> replica;
    std::unique_ptr<Frontend> frontend;
  };
  struct Commit {
    env::CommitToken token;
    env::WriteBatch batch;  // kept until it is done: a full disk makes it come again
    env::Durability durability = env::Durability::kAlways;
    AfterCommit after;
    bool submitted = false;  // and not refused since
  };

  void SaveCommits(Bytes& out, bool hides) const;
  absl::Status LoadCommits(ByteReader& reader);
  [[nodiscard]] std::vector<Loader::Source> Sources() const;
  Pool* FindPool(PoolId pool);
  [[nodiscard]] const Pool* FindPool(PoolId pool) const;
  void AddPool(const PoolOptions& options);
  void TellSettings();
  void JudgeClock();
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
  std::map<PoolId, Pool> pools_;
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

Shard::Impl::Impl(const ShardOptions& options, const topology::Topology& topology,
                  env::Network& network, env::Storage& storage, env::Observer& observer)
    : options_(options),
      shard_(options_, topology, observer),
      network_(network),
      storage_(storage),
      loader_(shard_, storage) {
  for (const PoolOptions& pool : options_.pools) AddPool(pool);
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

void Shard::Impl::AddPool(const PoolOptions& options) {
  const topology::PoolSpec* spec = shard_.topology.FindPool(options.pool);
  QUORATE_CHECK(spec != nullptr);
  Pool& pool = pools_[options.pool];
  pool.options = &options;
  pool.spec = spec;
  pool.replica = std::make_unique<Replica>(shard_, options, *spec,
                                           [&pool](uint64_t ticket, wire::Outcome, Bytes tape) {
                                             pool.frontend->Finished(ticket, std::move(tape));
                                           });
  Frontend::Host host;
  host.set_config = [this](std::span<const commands::ConfigChange> changes) {
    return SetConfig(changes);
  };
  host.reset_statistics = [this] {
    counted_ = {};
    for (auto& [id, each] : pools_) each.frontend->ResetStatistics();
  };
  host.info = [this, &pool](std::string_view section) {
    const keyspace::Keyspace& data = pool.replica->keyspace();
    return InfoLines(section, shard_, stats(),
                     PoolInfo{pool.options, pool.spec, data.objects(), data.deadlines(),
                              data.dead(), data.bytes()},
                     started_);
  };
  pool.frontend =
      std::make_unique<Frontend>(shard_, options, *spec, *pool.replica, std::move(host));
}

Shard::Impl::Pool* Shard::Impl::FindPool(PoolId pool) {
  const auto at = pools_.find(pool);
  return at == pools_.end() ? nullptr : &at->second;
}
const Shard::Impl::Pool* Shard::Impl::FindPool(PoolId pool) const {
  const auto at = pools_.find(pool);
  return at == pools_.end() ? nullptr : &at->second;
}

// --- the tick

void Shard::Impl::BeginTick(const Clocks& clocks) {
  shard_.tick.clocks = clocks;
  shard_.clock.Advance(clocks.wall);
  JudgeClock();
}

// Once a second: a clock does not leave its peers faster, and medians cost time.
void Shard::Impl::JudgeClock() {
  if (clock_judged_ > shard_.now()) return;
  clock_judged_ = shard_.now() + 1s;
  const bool off = shard_.peers.ClockIsOff(options_.clock_skew_max);
  if (off == shard_.clock_off) return;
  shard_.clock_off = off;
  shard_.observer.Log(off ? env::LogLevel::kError : env::LogLevel::kInfo,
                      Format("clock: %d ms from the median of the peers; writes are %s",
                             -shard_.peers.MedianOffsetMs(), off ? "refused" : "served again"));
}

void Shard::Impl::Start() {
  QUORATE_CHECK(!began_);
  began_ = true;
  started_ = shard_.now();
  loader_.Begin(Sources());
  shard_.loading = true;
}

std::vector<Loader::Source> Shard::Impl::Sources() const {
  std::vector<Loader::Source> sources;
  for (const auto& [id, pool] : pools_) {
    sources.push_back({pool.replica.get(), pool.options->durability});
  }
  return sources;
}

void Shard::Impl::Deliver(wire::Message message) {
  ++counted_.messages_in;
  if (message.sender.node != shard_.self()) {
    shard_.peers.Heard(message.sender.node, message.sender.wall, shard_.tick.clocks.wall);
  }
  // A reply to a request of an earlier life answers nothing of this one.
  const auto is_mine = [&] { return message.requester == options_.record.incarnation; };
  const auto to_replica = [&](const auto& body) {
    if (Pool* pool = FindPool(body.pool)) pool->replica->Deliver(message, body);
  };
  // Replies name no pool: the id is unique in the shard, and one pool knows it.
  const auto reply_to_replicas = [&](const auto& body) {
    if (!is_mine()) return;
    for (auto& [id, pool] : pools_) pool.replica->Deliver(message, body);
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
                   for (auto& [id, pool] : pools_) pool.frontend->Deliver(body);
                 },
                 [&](const wire::Keyspace& body) {
                   if (Pool* pool = FindPool(body.pool))
                     pool->frontend->walks().Deliver(message, body);
                 },
                 [&](const wire::KeyspaceReply& body) {
                   if (!is_mine()) return;
                   for (auto& [id, pool] : pools_) pool.frontend->walks().Deliver(body);
                 },
                 [&](const wire::Ping& body) {
                   shard_.Reply(message, ShardState::RequesterOf(message, PoolId{}, body.id),
                                wire::Pong{body.id});
                 },
                 [](const wire::Pong&) {},
                 [](const wire::EpochNotice&) {},  // the topology is static: there is one epoch
                 [&](const wire::Settings& body) {
                   if (message.sender.node != shard_.self()) return;
                   TakeSettings(body);
                 },
             },
             message.body);
}

void Shard::Impl::OnStorage(env::StorageEvent event) {
  if (const auto* commit = std::get_if<env::CommitDone>(&event)) return TakeCommit(*commit);
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
  for (auto& [id, pool] : pools_) pool.frontend->ExecuteRequests();
  for (auto& [id, pool] : pools_) {
    pool.replica->FireTimers();
    pool.frontend->FireTimers();
  }
  if (retry_at_ <= shard_.now()) {
    retry_at_ = Instant::max();
    SubmitCommits();
  }
  if (shard_.stopping) FinishStop();
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
  for (auto& [id, pool] : pools_) {
    for (commands::Client* client : pool.frontend->TakeTouched()) {
      client->Gate(barrier);
      if (at_once) {
        client->Release(barrier);
      } else {
        shard_.tick.after.clients.push_back(client->id);
      }
    }
  }
}

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
  for (const auto& [pool, event] : after.durable) FindPool(pool)->replica->Durable(event);
  for (const ClientId client : after.clients) {
    for (auto& [id, pool] : pools_) {
      if (commands::Client* attached = pool.frontend->FindClient(client)) {
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
      for (auto& [id, pool] : pools_) pool.replica->AllStored();
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
    if (Pool* pool = FindPool(address->pool)) pool->replica->NoteUnstored(address->key);
  });
}

// Replies to writes that found no room can neither leave nor be taken back: the connection ends, so
// that the client knows at once that the outcome is open.
void Shard::Impl::CloseWaitingClients() {
  for (Commit& commit : commits_) {
    for (const ClientId client : std::exchange(commit.after.clients, {})) {
      for (auto& [id, pool] : pools_) {
        commands::Client* attached = pool.frontend->FindClient(client);
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
    for (auto& [id, pool] : pools_) {
      if (pool.replica->operations() > 0 || pool.frontend->pending() > 0) return;
    }
    for (auto& [id, pool] : pools_) {
      if (pool.options->durability != env::Durability::kNone) continue;
      if (QUORATE_PLANTED(options_.planted, kStopForgets)) continue;
      pool.replica->keyspace().StoreAll([this](std::string_view key, std::string_view value) {
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

Instant Shard::Impl::NextDeadline() const {
  Instant next = retry_at_;
  for (const auto& [id, pool] : pools_) {
    next = std::min({next, pool.replica->NextDeadline(), pool.frontend->NextDeadline()});
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
  for (const auto& [name, value] : settings.values) changes.push_back({name, value});
  // The sibling has checked them against the same table.
  QUORATE_CHECK(shard_.config.Set(changes).ok());
}

Shard::Stats Shard::Impl::stats() const {
  Stats stats = counted_;
  for (const auto& [id, pool] : pools_) {
    const auto& coordinated = pool.replica->coordinator().stats();
    stats.commands += pool.frontend->commands();
    stats.error_replies += pool.frontend->error_replies();
    stats.clients += pool.frontend->clients();
    stats.read_repairs += coordinated.read_repairs;
    stats.restamps += coordinated.restamps;
    stats.quorum_failures += coordinated.failures + pool.frontend->failures();
    stats.evicted += pool.replica->evicted();
    stats.changes += pool.replica->changes();
    stats.operations_in_flight += pool.replica->operations() + pool.frontend->pending();
    stats.objects += pool.replica->keyspace().objects();
    stats.logical_bytes += pool.replica->keyspace().bytes();
  }
  return stats;
}

Marks Shard::Impl::marks() const {
  Marks all = shard_.marks;
  for (const auto& [id, pool] : pools_) all.Add(pool.replica->coordinator().marks());
  return all;
}

uint64_t Shard::Impl::digest(PoolId id) const {
  const Pool* pool = FindPool(id);
  return pool == nullptr ? 0 : pool->replica->keyspace().digest();
}

uint64_t Shard::Impl::digest() const {
  uint64_t sum = 0;
  for (const auto& [id, pool] : pools_) sum = Mix(sum, pool.replica->keyspace().digest());
  return sum;
}

void Shard::Impl::ForEachObject(
    PoolId id, const std::function<void(std::string_view, std::string_view)>& visit) const {
  const Pool* pool = FindPool(id);
  if (pool == nullptr) return;
  const keyspace::Keyspace& data = pool->replica->keyspace();
  Bytes state;
  data.ForEachFrom(Place{}, [&](Place, keyspace::Object& object) {
    data.PackSettled(object, state);
    visit(object.key(), state);
    return true;
  });
}

// --- Save and Load

void Shard::Impl::SaveCommits(Bytes& out, bool hides) const {
  PutVarint(out, last_token_);
  PutVarint(out, commits_.size());
  for (const Commit& commit : commits_) {
    PutVarint(out, commit.token.value);
    Bytes rep = commit.batch.rep();
    if (hides) HideBatch(rep);
    PutBlob(out, rep);
    PutBigEndian(out, static_cast<uint8_t>(commit.durability));
    PutMessages(out, commit.after.messages, hides);
    PutVarint(out, commit.after.durable.size());
    for (const auto& [pool, event] : commit.after.durable) {
      PutBigEndian(out, pool.value);
      PutVarint(out, event.id.value);
      PutVarint(out, event.step);
    }
    PutVarint(out, commit.after.clients.size());
    for (const ClientId client : commit.after.clients) PutVarint(out, client.value);
    PutFlag(out, commit.submitted);
  }
}

absl::Status Shard::Impl::LoadCommits(ByteReader& reader) {
  last_token_ = reader.Varint();
  const uint64_t commits = reader.Varint();
  for (uint64_t i = 0; i < commits; ++i) {
    Commit& commit = commits_.emplace_back();
    commit.token = env::CommitToken{reader.Varint()};
    QUORATE_RETURN_IF_ERROR(commit.batch.Assign(reader.Blob()));
    const auto durability = reader.BigEndian<uint8_t>();
    if (durability > static_cast<uint8_t>(env::Durability::kNone)) {
      return DataLoss("shard state: unknown durability");
    }
    commit.durability = static_cast<env::Durability>(durability);
    QUORATE_ASSIGN_OR_RETURN(commit.after.messages, ReadMessages(reader));
    const uint64_t events = reader.Varint();
    for (uint64_t j = 0; j < events && reader.ok(); ++j) {
      const PoolId pool{reader.BigEndian<uint16_t>()};
      const dynamo::OperationId operation{reader.Varint()};
      const auto step = static_cast<uint32_t>(reader.Varint());
      if (FindPool(pool) == nullptr) return DataLoss("shard state: unknown pool");
      commit.after.durable.emplace_back(pool, dynamo::LocallyDurable{operation, step});
    }
    const uint64_t clients = reader.Varint();
    for (uint64_t j = 0; j < clients && reader.ok(); ++j) {
      commit.after.clients.push_back(ClientId{reader.Varint()});
    }
    commit.submitted = ReadFlag(reader);
    if (!reader.ok()) return DataLoss("shard state: ends inside a commit");
  }
  return absl::OkStatus();
}

// Version byte, the shard's own, commits, then each pool.
void Shard::Impl::Save(Bytes& out, bool hides) const {
  QUORATE_CHECK(shard_.tick.batch.empty() && shard_.tick.messages.empty() &&
                shard_.tick.after.empty());
  out.push_back(static_cast<char>(kStateVersion));
  PutInstant(out, shard_.tick.clocks.monotonic);
  PutBigEndian(out, shard_.tick.clocks.wall.ms);
  PutVarint(out, shard_.next_id);
  PutVarint(out, shard_.draws);
  PutBigEndian(out, shard_.clock.last().bits());
  PutBigEndian(out, shard_.clock.reserved().bits());
  PutBigEndian(out, shard_.life_began.bits());
  for (const bool flag :
       {shard_.clock.open(), shard_.loading, shard_.stopping, shard_.disk_full, shard_.clock_off,
        shard_.ended_orderly, began_, stored_at_stop_, stopped_}) {
    PutFlag(out, flag);
  }
  PutStatus(out, shard_.health);
  PutInstant(out, retry_at_);
  PutInstant(out, started_);
  PutInstant(out, clock_judged_);
  for (const uint64_t count : {counted_.ticks, counted_.commits, counted_.messages_in,
                               counted_.messages_out, counted_.expired}) {
    PutVarint(out, count);
  }
  PutMarks(out, shard_.marks);
  shard_.config.Save(out);
  shard_.peers.Save(out);
  loader_.Save(out);
  SaveCommits(out, hides);
  for (const auto& [id, pool] : pools_) {
    pool.replica->Save(out, hides);
    pool.frontend->Save(out, hides);
  }
}

absl::Status Shard::Impl::Load(std::string_view bytes, const FindSession& find) {
  QUORATE_CHECK(!began_);
  ByteReader reader(bytes);
  if (reader.BigEndian<uint8_t>() != kStateVersion) return DataLoss("shard state: unknown version");
  shard_.tick.clocks.monotonic = ReadInstant(reader);
  shard_.tick.clocks.wall.ms = reader.BigEndian<int64_t>();
  shard_.clock.Advance(shard_.tick.clocks.wall);
  shard_.next_id = reader.Varint();
  shard_.draws = reader.Varint();
  const auto last = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  const auto reserved = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  shard_.life_began = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  shard_.clock.Restore(last, reserved, ReadFlag(reader));
  for (bool* flag : {&shard_.loading, &shard_.stopping, &shard_.disk_full, &shard_.clock_off,
                     &shard_.ended_orderly, &began_, &stored_at_stop_, &stopped_}) {
    *flag = ReadFlag(reader);
  }
  shard_.health = ReadStatus(reader);
  retry_at_ = ReadInstant(reader);
  started_ = ReadInstant(reader);
  clock_judged_ = ReadInstant(reader);
  for (uint64_t* count : {&counted_.ticks, &counted_.commits, &counted_.messages_in,
                          &counted_.messages_out, &counted_.expired}) {
    *count = reader.Varint();
  }
  shard_.marks = ReadMarks(reader);
  shard_.config.Load(reader);
  shard_.peers.Load(reader);
  QUORATE_RETURN_IF_ERROR(loader_.Load(reader, Sources()));
  QUORATE_RETURN_IF_ERROR(LoadCommits(reader));
  for (auto& [id, pool] : pools_) {
    QUORATE_RETURN_IF_ERROR(pool.replica->Load(reader));
    const auto find_here = [&find, pool_id = id](ClientId client) { return find(pool_id, client); };
    QUORATE_RETURN_IF_ERROR(pool.frontend->Load(reader, find_here));
  }
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("shard state: malformed");
  return absl::OkStatus();
}

// --- Shard

Shard::Shard(const ShardOptions& options, const topology::Topology& topology, env::Network& network,
             env::Storage& storage, env::Observer& observer)
    : impl_(std::make_unique<Impl>(options, topology, network, storage, observer)) {}
Shard::~Shard() = default;

RequestPort& Shard::Port(PoolId pool) { return impl_->Port(pool); }
void Shard::BeginTick(const Clocks& clocks) { impl_->BeginTick(clocks); }
void Shard::Start() { impl_->Start(); }
void Shard::Deliver(wire::Message message) { impl_->Deliver(std::move(message)); }
void Shard::OnStorage(env::StorageEvent event) { impl_->OnStorage(std::move(event)); }
void Shard::Stop() { impl_->Stop(); }
void Shard::EndTick() { impl_->EndTick(); }
void Shard::Save(Bytes& out, bool hides) const { impl_->Save(out, hides); }
absl::Status Shard::Load(std::string_view bytes, const FindSession& find) {
  return impl_->Load(bytes, find);
}
Instant Shard::NextDeadline() const { return impl_->NextDeadline(); }
bool Shard::loading() const { return impl_->loading(); }
bool Shard::stopped() const { return impl_->stopped(); }
bool Shard::orderly() const { return impl_->orderly(); }
bool Shard::disk_full() const { return impl_->disk_full(); }
absl::Status Shard::health() const { return impl_->health(); }
const commands::ConfigTable& Shard::config() const { return impl_->config(); }
Shard::Stats Shard::stats() const { return impl_->stats(); }
Marks Shard::marks() const { return impl_->marks(); }
uint64_t Shard::digest(PoolId pool) const { return impl_->digest(pool); }
uint64_t Shard::digest() const { return impl_->digest(); }
void Shard::ForEachObject(
    PoolId pool, const std::function<void(std::string_view, std::string_view)>& visit) const {
  impl_->ForEachObject(pool, visit);
}

}  // namespace quorate::node
