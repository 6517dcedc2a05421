// SPDX-License-Identifier: Apache-2.0
// A pool's part of this shard as a replica: it holds the keys, executes commands on them, answers
// the reads and writes of other replicas, and coordinates the operations that were started here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/footprint.h"
#include "engine/commands/command.h"
#include "engine/dynamo/coordinator.h"
#include "engine/keyspace/keyspace.h"
#include "engine/node/shard_state.h"
#include "engine/node/taken_requests.h"
#include "engine/topology/consistency.h"

namespace quorate::node {

// A command on one key, wherever it came from.
struct KeyCommand {
  const commands::Command* command = nullptr;
  std::vector<Bytes> args;  // of this key alone
  size_t key_index = 1;
  Place place;
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  bool needs_read = false;
  bool restampable = false;
  bool idempotent = false;
  bool reaps = false;  // this replica's own: it reads at ALL to delete what a deadline has left
};

// Who waits for an operation: a request of the frontend, a peer, or nobody.
struct Waiter {
  uint64_t ticket = 0;  // of the frontend; 0: a peer
  NodeId node;          // of the peer; 0: nobody
  Incarnation incarnation;
  wire::RequestId request;
  uint64_t trace = 0;
};

class Replica {
 public:
  // Told how an operation of the frontend ended.
  using OnFinished = std::function<void(uint64_t ticket, wire::Outcome outcome, Bytes tape)>;

  Replica(ShardState& shard, const PoolOptions& options, const topology::PoolSpec& spec,
          OnFinished on_finished);

  [[nodiscard]] keyspace::Keyspace& keyspace() { return keyspace_; }
  [[nodiscard]] const keyspace::Keyspace& keyspace() const { return keyspace_; }
  // True where every key has one replica: commands run at once where it is, without an operation.
  [[nodiscard]] bool sole() const { return sole_; }
  [[nodiscard]] bool OwnsPartition(Place place) const {
    return keyspace_.IsOpen(keyspace_.PartitionOf(place));
  }
  // Whether a replica of the place is here, on this node and this shard of it.
  [[nodiscard]] bool Holds(Place place) const {
    return OwnsPartition(place) &&
           (holds_all_ || shard_.topology.Owns(shard_.self(), spec_.id, place) ||
            (sole_ && QUORATE_PLANTED(shard_.options.planted, kServeForeign)));
  }

  // Why a command may not execute on the key now; empty where it may.
  [[nodiscard]] std::string_view Refusal(const commands::Command& command, std::string_view key);

  // The disk is full: the newest state of the key is in memory alone and may be gone after a crash,
  // so that nobody is to see it on this replica's word. Until AllStored.
  void NoteUnstored(std::string_view key) { unstored_.emplace(key); }
  void AllStored() { unstored_.clear(); }
  [[nodiscard]] bool Unstored(std::string_view key) const {
    return !unstored_.empty() && unstored_.contains(key) &&
           !QUORATE_PLANTED(shard_.options.planted, kServeUnstored);
  }

  // Executes at once against the local state, and stores. `stores_passed`: a deadline that has
  // passed is stored by reads too, so that no later read on a slower clock shows the key again.
  // Requires: OwnsPartition, Refusal is empty.
  struct Executed {
    Bytes cells;
    Version stamp;
    Version held;
  };
  void ExecuteNow(const commands::Command& command, commands::Arguments args, size_t key_index,
                  Place place, commands::ReplySink& reply, Executed* executed,
                  bool stores_passed = false);

  // Drops a key of a sole replica, stored row and all.
  void Forget(std::string_view key);
  // kDone where this shard may serve a peer's request on the place.
  [[nodiscard]] wire::Outcome CheckPeerRequest(Epoch epoch, Place place) const;

  // Starts an operation for the frontend; the end is told by OnFinished.
  void Start(KeyCommand command, const Waiter& waiter, Instant deadline);

  // Asks for the memory that Deliver will look at first.
  template <typename Body>
  void FetchAhead(const wire::Message& message, const Body& request) const {
    if constexpr (std::is_same_v<Body, wire::Execute>) {
      taken_.FetchAhead({message.sender.node, message.requester, request.id});
    }
    if (OwnsPartition(request.place)) keyspace_.PrefetchSlot(request.place);
  }
  void Deliver(const wire::Message& message, const wire::Execute& request);
  void Deliver(const wire::Message& message, const wire::Read& request);
  void Deliver(const wire::Message& message, const wire::Mutate& request);
  void Deliver(const wire::Message& message, const wire::ReadReply& reply);
  void Deliver(const wire::Message& message, const wire::MutateReply& reply);
  void Durable(const dynamo::LocallyDurable& event) { Step(event); }

  // Everything but the clients' side; see Shard::Save.
  void Save(Bytes& out, bool hides, const keyspace::Keyspace::KeepKey& keep) const;
  // The same, with the snapshot that it begins in place of the keys.
  void BeginSnapshot(Bytes& out, bool hides);
  absl::Status Load(ByteReader& reader);

  void FireTimers();
  [[nodiscard]] Instant NextDeadline() const;
  void AddTo(Footprint& footprint) const {
    footprint.Add(*this, keyspace_);
    coordinator_.AddTo(footprint);
    footprint.Add(next_sweep_, requests_);
  }
  [[nodiscard]] size_t operations() const { return operations_.size(); }
  [[nodiscard]] const dynamo::Coordinator& coordinator() const { return coordinator_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Commands executed here that changed something.
  [[nodiscard]] uint64_t changes() const { return changes_; }

 private:
  struct Operation {
    KeyCommand command;
    Waiter waiter;
    topology::ReplicaSet replicas;
    Bytes tape;
    std::vector<wire::RequestId> requests;  // open ones, to forget at the end
    bool self_counts = true;
  };
  struct OpenRequest {
    dynamo::OperationId operation;
    size_t replica = 0;
    uint32_t step = 0;
    Clocks asked;
  };
  void SaveOperations(Bytes& out, bool hides) const;
  absl::Status LoadOperations(ByteReader& reader);
  void Step(const dynamo::Event& event);
  void Carry(const dynamo::Effect& effect);
  void On(const dynamo::AskReplica& effect);
  void On(const dynamo::InspectState& effect);
  void On(const dynamo::MergeState& effect);
  void On(const dynamo::ExecuteOperation& effect);
  void On(const dynamo::WriteReplica& effect);
  void On(const dynamo::RestampOperation& effect);
  void On(const dynamo::OperationFinished& effect);

  env::WriteBatch* Batch() {
    const bool as_first = QUORATE_PLANTED(shard_.options.planted, kStoreAsFirst);
    return shard_.tick.BatchFor((as_first ? shard_.options.pools.front() : options_).durability);
  }
  void WhenDurable(dynamo::OperationId id, uint32_t step);
  [[nodiscard]] std::string_view KeyOf(const KeyCommand& command) const {
    return command.args[command.key_index];
  }
  [[nodiscard]] uint64_t DigestOf(Place place, std::string_view key) const;
  [[nodiscard]] size_t IndexOfSelf(topology::ReplicaSet replicas) const;
  env::Target TargetOf(const Operation& operation, size_t replica) const;
  wire::RequestId Open(dynamo::OperationId id, size_t replica, uint32_t step);
  std::optional<OpenRequest> Close(wire::RequestId id);
  void MeasureClock(const wire::Message& reply, const OpenRequest& request);
  void Answer(const Waiter& waiter, wire::Outcome outcome, Bytes tape);
  [[nodiscard]] bool AskedInThisLife(const wire::Execute& request) const;
  void Remember(const wire::Message& message, const wire::Execute& request);
  Bytes CountAgain(Place place, std::string_view key, std::string_view cells) const;
  bool MakeRoom(size_t limit);
  [[nodiscard]] bool SelfCounts() const;
  void Sweep();
  [[nodiscard]] size_t SweepBudget() const;
  void Reap(const std::vector<keyspace::PassedDeadline>& passed);
  [[nodiscard]] bool IsOursToReap(const keyspace::PassedDeadline& passed) const;
  void StartReap(const keyspace::PassedDeadline& passed);
  void Reaped(bool ok);
  [[nodiscard]] int64_t ReapDelayMs() const;
  [[nodiscard]] Instant SweepDue() const;

  ShardState& shard_;
  const PoolOptions& options_;
  const topology::PoolSpec& spec_;
  OnFinished on_finished_;
  bool sole_;
  bool holds_all_;  // this node has a replica of every place
  keyspace::Keyspace keyspace_;
  dynamo::Coordinator coordinator_;
  Instant next_sweep_ = Instant::min();
  bool sweeping_ = false;
  bool reaps_wait_ = false;  // the last sweep found more than may be in flight
  std::vector<dynamo::Effect> effects_;
  bool carrying_ = false;
  std::map<dynamo::OperationId, Operation> operations_;
  std::map<wire::RequestId, OpenRequest> requests_;
  TakenRequests taken_;
  size_t reaps_ = 0;  // in flight
  std::set<Bytes, std::less<>> unstored_;
  uint64_t evicted_ = 0;
  uint64_t changes_ = 0;
  Bytes mutation_;  // scratch of ExecuteNow
};

}  // namespace quorate::node
