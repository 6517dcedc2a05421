// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/suite.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/hash/place.h"
#include "engine/keyspace/cell.h"
#include "engine/node/shard.h"
#include "engine/topology/topology.h"
#include "sim/oracle/acknowledged_writes.h"
#include "sim/oracle/at_most_once.h"
#include "sim/oracle/bit_operations.h"
#include "sim/oracle/bounded_metadata.h"
#include "sim/oracle/convergence.h"
#include "sim/oracle/joined_reads.h"
#include "sim/oracle/limits.h"
#include "sim/oracle/linearizable.h"
#include "sim/oracle/lone_clients.h"
#include "sim/oracle/moves.h"
#include "sim/oracle/pipeline_order.h"
#include "sim/oracle/quorum_reads.h"
#include "sim/world/pool_config.h"

namespace quorate::sim {
namespace {

Promises PromisesOf(const WorldView& world, const PoolLook& pool, Duration window) {
  const topology::Topology& topology = world.topology();
  std::vector<uint16_t> replicas;
  for (uint16_t i = 0; i < topology.data_centres().size(); ++i) {
    replicas.push_back(topology.ReplicaCount(pool.id, i));
  }
  return {std::move(replicas), pool.durability, window};
}

// Where every key has one replica, and nothing that was acknowledged is ever forgotten, by a crash
// or for want of room, the order in which that replica executes is one that clients cannot tell
// from a single copy.
bool PromisesOneOrder(const WorldView& world, const PoolLook& pool) {
  return ReplicasOf(world, pool.id) == 1 && !pool.evicts &&
         pool.durability == env::Durability::kAlways;
}

// Finds the replicas of keys as the topology places them.
class Placer {
 public:
  Placer(const WorldView& world, PoolId pool) : world_(world), pool_(pool) {
    const topology::PoolSpec* spec = world.topology().FindPool(pool);
    if (spec != nullptr) place_of_ = {spec->hash, spec->tag};
  }

  [[nodiscard]] topology::ReplicaSet Of(std::string_view key) const {
    return world_.topology().ReplicasOf(pool_, place_of_(key));
  }
  [[nodiscard]] std::vector<uint32_t> NodesOf(std::string_view key) const {
    std::vector<uint32_t> nodes;
    const topology::ReplicaSet replicas = Of(key);
    nodes.reserve(replicas.size());
    for (const topology::Replica& replica : replicas) {
      nodes.push_back(world_.IndexOf(replica.node).value);
    }
    return nodes;
  }
  // Of the nodes that have the key, together.
  [[nodiscard]] uint64_t LivesOf(std::string_view key) const {
    uint64_t lives = 0;
    for (const uint32_t node : NodesOf(key)) lives += world_.lives(NodeIndex{node});
    return lives;
  }

 private:
  const WorldView& world_;
  const PoolId pool_;
  hash::KeyPlacer place_of_;
};

// Calls `visit` with each key that a node holds, and its packed state.
template <typename Visit>
void ForEachState(const WorldView& world, PoolId pool, NodeIndex node, const Visit& visit) {
  for (uint16_t index = 0; index < world.shards(node); ++index) {
    const node::Shard* shard = world.shard(node, index);
    if (shard != nullptr) shard->ForEachObject(pool, visit);
  }
}

bool HasShards(const WorldView& world) {
  for (uint32_t node = 0; node < world.nodes(); ++node) {
    if (world.shard(NodeIndex{node}, 0) != nullptr) return true;
  }
  return false;
}

// What a node holds under a key, in words.
std::string StateOf(const WorldView& world, PoolId pool, NodeIndex node, std::string_view wanted) {
  std::string text = "nothing";
  ForEachState(world, pool, node, [&](std::string_view key, std::string_view state) {
    if (key == wanted) text = keyspace::DescribeCells(state);
  });
  return text;
}

}  // namespace

void PoolOracles::Keep(std::optional<Failure> failure) {
  if (!failure_.has_value() && failure.has_value()) failure_ = std::move(failure);
}

void PoolOracles::RunBegan(const WorldView& world) {
  recorder_.RunBegan(world);
  requests_.RunBegan(world);
}

void PoolOracles::Invoked(const OperationInvoked& operation) {
  recorder_.Invoked(operation);
  requests_.Invoked(operation);
  Keep(requests_.failure());
}

void PoolOracles::Completed(const WorldView& world, const OperationCompleted& operation) {
  recorder_.Completed(operation);
  requests_.Completed(operation);
  Keep(requests_.failure());
  if (!whole_ && world.phase() == Phase::kSweep) whole_ = world.IsWhole();
  walks_.Completed(operation, whole_.value_or(false));
  Keep(walks_.failure());
  no_quorum_.Completed(world, operation);
  Keep(no_quorum_.failure());
}

void PoolOracles::JudgeHistory(const WorldView& world) {
  const Promises promises = PromisesOf(world, pool_, options_.periodic_window);
  const Placer placer(world, pool_.id);
  const auto crashes_of = [&](const Bytes& key) {
    std::vector<ReplicaCrash> crashes;
    const bool always = pool_.durability == env::Durability::kAlways;
    if (always && recorder_.lapses().empty()) return crashes;  // nothing was forgotten
    uint16_t index = 0;
    for (const topology::Replica& replica : placer.Of(key)) {
      const NodeIndex node = world.IndexOf(replica.node);
      for (const HistoryRecorder::Lapse& lapse : recorder_.lapses()) {
        if (lapse.node == node) {
          crashes.push_back({lapse.time, index, replica.data_centre, lapse.since});
        }
      }
      for (const auto& [crashed, time] : recorder_.crashes()) {
        if (crashed == node) crashes.push_back({time, index, replica.data_centre, std::nullopt});
      }
      ++index;
    }
    return crashes;
  };
  // In one pass over all registers; a failure is reported by what it breaks first in this order.
  std::vector<std::function<std::optional<Failure>(const Register&)>> judges = {
      [&](const Register& entry) { return CheckAtMostOnce(entry, promises); },
      [&](const Register& entry) { return CheckAcknowledgedWrites(entry, promises); },
      [&](const Register& entry) { return CheckQuorumReads(entry, promises); },
      [&](const Register& entry) { return CheckPipelineOrder(entry, promises); },
  };
  if (PromisesOneOrder(world, pool_)) {
    judges.emplace_back([](const Register& entry) {
      const bool forgot =
          std::any_of(entry.crashes.begin(), entry.crashes.end(),
                      [](const ReplicaCrash& crash) { return crash.since.has_value(); });
      return forgot ? std::nullopt : CheckLinearizable(entry).failure;
    });
  }
  std::optional<Failure> first;
  JoinedReads joined(recorder_.history().joined(), promises);
  recorder_.history().ForEachRegisterOf([&](const Bytes& key) { return joined.IsUndecided(key); },
                                        crashes_of,
                                        [&](const Register& entry) { joined.Take(entry); });
  recorder_.Decide(joined.DecidedDeletions());
  BitOperations bits(recorder_.history().combined(), promises);
  recorder_.history().ForEachRegister(crashes_of, [&](const Register& entry) {
    if (!joined.IsUndecided(entry.key)) joined.Take(entry);
    bits.Take(entry);
    staleness_.Take(entry, promises);
    // Once one has failed, only those before it can still say more.
    for (size_t i = 0; i < judges.size(); ++i) {
      std::optional<Failure> failure = judges[i](entry);
      if (!failure.has_value()) continue;
      first = std::move(failure);
      judges.resize(i);
    }
  });
  if (!first.has_value()) first = joined.Check();
  if (!first.has_value()) first = CheckMoves(recorder_.history().Moved(crashes_of), promises);
  if (!first.has_value()) first = bits.Check(recorder_.history().CombinedKeys(crashes_of));
  if (!first.has_value() && !recorder_.history().may_forget()) {
    LoneVerdict lone = CheckLoneClients(recorder_.history().lone(), crashes_of, promises);
    judged_lone_ = lone.judged;
    first = std::move(lone.failure);
  }
  Keep(std::move(first));
}

void PoolOracles::JudgeStates(const WorldView& world, EventId last) {
  const Placer placer(world, pool_.id);
  const bool sole_owner = ReplicasOf(world, pool_.id) == 1;
  Convergence convergence;
  for (uint32_t node = 0; node < world.nodes(); ++node) {
    const auto look = [&](std::string_view key, std::string_view state) {
      convergence.Holds(node, key, state);
      if (stored_.has_value()) stored_->Holds(node, key, state);
      const auto lives = [&] { return placer.LivesOf(key); };
      Keep(CheckMetadata(node, key, state, {lives, sole_owner}, last));
    };
    ForEachState(world, pool_.id, NodeIndex{node}, look);
  }
  compared_keys_ = convergence.keys();
  const auto describe = [&](uint32_t node, std::string_view key) {
    return StateOf(world, pool_.id, NodeIndex{node}, key);
  };
  if (stored_.has_value()) Keep(stored_->Check(describe, last));
  Keep(convergence.Check(
      {.replicas_of = [&](std::string_view key) { return placer.NodesOf(key); },
       .whole = world.IsWhole(),
       .swept = [&](std::string_view key) { return recorder_.history().Swept(key); },
       .describe = describe},
      last));
  if (!pool_.evicts && HasShards(world)) Keep(convergence.CheckHeld(walks_.Found(), last));
}

void PoolOracles::AtRest(const WorldView& world) {
  stored_.emplace();
  for (uint32_t node = 0; node < world.nodes(); ++node) {
    const auto note = [&](std::string_view key, std::string_view state) {
      stored_->Held(node, key, state);
    };
    ForEachState(world, pool_.id, NodeIndex{node}, note);
  }
}

void PoolOracles::Judge(const WorldView& world, EventId last) {
  if (!failure_.has_value()) JudgeHistory(world);
  if (!failure_.has_value()) JudgeStates(world, last);
  requests_.RunEnded(world, 0);
  Keep(requests_.failure());
}

void PoolOracles::AddTo(OracleCoverage& coverage) const {
  const HistoryCoverage& history = recorder_.history().coverage();
  coverage.history.registers += history.registers;
  coverage.history.accesses += history.accesses;
  coverage.history.unknown_keys += history.unknown_keys;
  coverage.history.mixed_keys += history.mixed_keys;
  coverage.history.moved_keys += history.moved_keys;
  coverage.history.transfers += history.transfers;
  coverage.history.joined += history.joined;
  coverage.history.combined_keys += history.combined_keys;
  coverage.history.combinations += history.combinations;
  coverage.history.lone += history.lone;
  coverage.judged_lone += judged_lone_;
  coverage.staleness.Add(staleness_);
  coverage.operations += recorder_.operations();
  coverage.swept_keys += recorder_.history().swept_keys();
  coverage.compared_keys += compared_keys_;
  coverage.walks += walks_.walks();
  coverage.core.served += no_quorum_.figures().served;
  coverage.core.inevitable += no_quorum_.figures().inevitable;
}

void OracleSuite::Keep(std::optional<Failure> failure) {
  if (!failure_.has_value() && failure.has_value()) failure_ = std::move(failure);
}

void OracleSuite::KeepOf(const PoolOracles& pool, PoolId id) {
  const std::optional<Failure>& found = pool.failure();
  if (failure_.has_value() || !found.has_value()) return;
  Failure failure = *found;
  failure.seen = InPool(world_, id, std::move(failure.seen));
  failure_ = std::move(failure);
}

void OracleSuite::RunBegan(const WorldView& world) {
  world_ = &world;
  sample_events_ = kQueueSampleEventsPerNode * std::max<uint64_t>(1, world.nodes());
  for (const PoolLook& pool : world.pools()) pools_.emplace_back(pool, options_).RunBegan(world);
  undisturbed_.RunBegan(world);
}

void OracleSuite::Happened(const WorldEvent& event) {
  last_event_ = event.id;
  if (event.id.value % sample_events_ != 0 || world_ == nullptr) return;
  Keep(CheckBounded(Measure(*world_), options_.queues, event.id));
}

void OracleSuite::Invoked(const OperationInvoked& operation) {
  PoolOracles& pool = pools_[operation.pool.value];
  pool.Invoked(operation);
  KeepOf(pool, operation.pool);
  undisturbed_.Invoked(operation);
}

void OracleSuite::Completed(const OperationCompleted& operation) {
  const PoolId id = operation.invoked.pool;
  pools_[id.value].Completed(*world_, operation);
  KeepOf(pools_[id.value], id);
  undisturbed_.Completed(operation);
  Keep(undisturbed_.failure());
}

void OracleSuite::Began(const FaultBegan& /*fault*/) { undisturbed_.FaultBegan(); }

void OracleSuite::LeftOpen(const OperationInvoked& operation) {
  pools_[operation.pool.value].LeftOpen(operation);
}

void OracleSuite::Crashed(NodeIndex node, SimTime time) {
  for (PoolOracles& pool : pools_) pool.Crashed(node, time);
}

void OracleSuite::Forgot(NodeIndex node, SimTime since, SimTime time) {
  for (PoolOracles& pool : pools_) pool.Forgot(node, since, time);
}

// What a node may forget counts from then, though it dies later.
void OracleSuite::StorageFailed(NodeIndex node, SimTime time) { Crashed(node, time); }

void OracleSuite::PhaseBegan(Phase phase, SimTime /*time*/) {
  if (phase != Phase::kPowerCut) return;
  at_rest_ = Measure(*world_);
  for (PoolOracles& pool : pools_) pool.AtRest(*world_);
}

void OracleSuite::RunEnded(const WorldView& world, uint64_t /*hash*/) {
  for (size_t i = 0; i < pools_.size(); ++i) {
    if (!failure_.has_value()) pools_[i].Judge(world, last_event_);
    KeepOf(pools_[i], PoolIdOf(i));
    pools_[i].AddTo(coverage_);
  }
  if (!failure_.has_value()) Keep(CheckAtRest(at_rest_.value_or(Measure(world)), last_event_));
  world_ = nullptr;
}

}  // namespace quorate::sim
