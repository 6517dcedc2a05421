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
#include "sim/oracle/convergence.h"
#include "sim/oracle/joined_reads.h"
#include "sim/oracle/limits.h"
#include "sim/oracle/linearizable.h"
#include "sim/oracle/moves.h"
#include "sim/oracle/pipeline_order.h"
#include "sim/oracle/quorum_reads.h"

namespace quorate::sim {
namespace {

Promises PromisesOf(const WorldView& world, Duration window) {
  const topology::Topology& topology = world.topology();
  std::vector<uint16_t> replicas;
  for (uint16_t i = 0; i < topology.data_centres().size(); ++i) {
    replicas.push_back(topology.ReplicaCount(world.pool(), i));
  }
  return {std::move(replicas), world.durability(), window};
}

// Where every key has one replica, and nothing that was acknowledged is ever forgotten, by a crash
// or for want of room, the order in which that replica executes is one that clients cannot tell
// from a single copy.
bool PromisesOneOrder(const WorldView& world) {
  return ReplicasOf(world) == 1 && !world.evicts() &&
         world.durability() == env::Durability::kAlways;
}

// Finds the replicas of keys as the topology places them.
class Placer {
 public:
  explicit Placer(const WorldView& world) : world_(world) {
    const topology::PoolSpec* pool = world.topology().FindPool(world.pool());
    if (pool != nullptr) place_of_ = {pool->hash, pool->tag};
  }

  [[nodiscard]] topology::ReplicaSet Of(std::string_view key) const {
    return world_.topology().ReplicasOf(world_.pool(), place_of_(key));
  }
  [[nodiscard]] std::vector<uint32_t> NodesOf(std::string_view key) const {
    std::vector<uint32_t> nodes;
    for (const topology::Replica& replica : Of(key)) {
      nodes.push_back(world_.IndexOf(replica.node).value);
    }
    return nodes;
  }

 private:
  const WorldView& world_;
  hash::KeyPlacer place_of_;
};

// What a node holds under a key, in words.
std::string StateOf(const WorldView& world, NodeIndex node, std::string_view wanted) {
  std::string text = "nothing";
  for (uint16_t index = 0; index < world.shards(node); ++index) {
    const node::Shard* shard = world.shard(node, index);
    if (shard == nullptr) continue;
    shard->ForEachObject(world.pool(), [&](std::string_view key, std::string_view state) {
      if (key == wanted) text = keyspace::DescribeCells(state);
    });
  }
  return text;
}

}  // namespace

void OracleSuite::Keep(std::optional<Failure> failure) {
  if (!failure_.has_value() && failure.has_value()) failure_ = std::move(failure);
}

void OracleSuite::RunBegan(const WorldView& world) {
  world_ = &world;
  sample_events_ = kQueueSampleEventsPerNode * std::max<uint64_t>(1, world.nodes());
  recorder_.RunBegan(world);
  requests_.RunBegan(world);
}

void OracleSuite::Happened(const WorldEvent& event) {
  last_event_ = event.id;
  if (event.id.value % sample_events_ != 0 || world_ == nullptr) return;
  Keep(CheckBounded(Measure(*world_), options_.queues, event.id));
}

void OracleSuite::Invoked(const OperationInvoked& operation) {
  recorder_.Invoked(operation);
  requests_.Invoked(operation);
  walks_.Invoked(operation);
  no_quorum_.Invoked(operation);
  Keep(requests_.failure());
}

void OracleSuite::Completed(const OperationCompleted& operation) {
  recorder_.Completed(operation);
  requests_.Completed(operation);
  Keep(requests_.failure());
  if (!whole_ && world_->phase() == Phase::kSweep) whole_ = world_->IsWhole();
  walks_.Completed(operation, whole_.value_or(false));
  Keep(walks_.failure());
  no_quorum_.Completed(*world_, operation);
  Keep(no_quorum_.failure());
}

void OracleSuite::Crashed(NodeIndex node, SimTime time) { recorder_.Crashed(node, time); }

void OracleSuite::Forgot(NodeIndex node, SimTime since, SimTime time) {
  recorder_.Forgot(node, since, time);
}

// What a node may forget counts from then, though it dies later.
void OracleSuite::StorageFailed(NodeIndex node, SimTime time) { recorder_.Crashed(node, time); }

void OracleSuite::JudgeHistory(const WorldView& world) {
  const Promises promises = PromisesOf(world, options_.periodic_window);
  const Placer placer(world);
  const auto crashes_of = [&](const Bytes& key) {
    std::vector<ReplicaCrash> crashes;
    const bool always = world.durability() == env::Durability::kAlways;
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
  if (PromisesOneOrder(world)) {
    judges.emplace_back([](const Register& entry) {
      const bool forgot =
          std::any_of(entry.crashes.begin(), entry.crashes.end(),
                      [](const ReplicaCrash& crash) { return crash.since.has_value(); });
      return forgot ? std::nullopt : CheckLinearizable(entry).failure;
    });
  }
  std::optional<Failure> first;
  JoinedReads joined(recorder_.history().joined(), promises);
  recorder_.history().ForEachRegister(crashes_of, [&](const Register& entry) {
    joined.Take(entry);
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
  Keep(std::move(first));
}

void OracleSuite::JudgeConvergence(const WorldView& world) {
  Convergence convergence;
  const bool whole = world.IsWhole();
  for (uint32_t node = 0; node < world.nodes(); ++node) {
    for (uint16_t index = 0; index < world.shards(NodeIndex{node}); ++index) {
      const node::Shard* shard = world.shard(NodeIndex{node}, index);
      if (shard == nullptr) continue;
      shard->ForEachObject(world.pool(), [&](std::string_view key, std::string_view state) {
        convergence.Holds(node, key, state);
      });
    }
  }
  coverage_.compared_keys = convergence.keys();
  const Placer placer(world);
  Keep(convergence.Check(
      {.replicas_of = [&](std::string_view key) { return placer.NodesOf(key); },
       .whole = whole,
       .swept = [&](std::string_view key) { return recorder_.swept().contains(key); },
       .describe = [&](uint32_t node,
                       std::string_view key) { return StateOf(world, NodeIndex{node}, key); }},
      last_event_));
}

void OracleSuite::RunEnded(const WorldView& world, uint64_t hash) {
  recorder_.RunEnded(world, hash);
  coverage_.history = recorder_.history().coverage();
  coverage_.operations = recorder_.operations();
  coverage_.swept_keys = recorder_.swept().size();
  coverage_.walks = walks_.walks();
  coverage_.core = no_quorum_.figures();
  if (!failure_.has_value()) JudgeHistory(world);
  if (!failure_.has_value()) JudgeConvergence(world);
  requests_.RunEnded(world, hash);
  Keep(requests_.failure());
  if (!failure_.has_value()) Keep(CheckAtRest(Measure(world), last_event_));
  world_ = nullptr;
}

}  // namespace quorate::sim
