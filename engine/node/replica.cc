// SPDX-License-Identifier: Apache-2.0
#include "engine/node/replica.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/keyspace/cell.h"

namespace quorate::node {
namespace {

using commands::ErrorTape;
using commands::ReplyTape;
using keyspace::Object;

constexpr std::string_view kUnstored =
    "DISKFULL this node's disk is full and what it holds of the key is not stored yet";

constexpr std::string_view kBuiltOnUnstored =
    "NOQUORUM this node's disk was full before what the command found here was stored; the outcome "
    "is unknown";

constexpr uint64_t kCommandSeedPurpose = 0x636f6d6d616e64;

uint16_t TotalReplicas(const topology::Topology& topology, PoolId pool) {
  uint16_t total = 0;
  for (size_t dc = 0; dc < topology.data_centres().size(); ++dc) {
    total = static_cast<uint16_t>(total + topology.ReplicaCount(pool, static_cast<uint16_t>(dc)));
  }
  return total;
}

bool HoldsAll(const topology::Topology& topology, NodeId node, PoolId pool) {
  const topology::Placement& placement = *topology.PlacementOf(pool);
  for (size_t row = 0; row < placement.rows(); ++row) {
    const topology::ReplicaSet list = placement.ListOf(row);
    if (std::none_of(list.begin(), list.end(),
                     [node](const topology::Replica& replica) { return replica.node == node; })) {
      return false;
    }
  }
  return true;
}

keyspace::KeyspaceOptions KeyspaceOptionsOf(const topology::PoolSpec& spec, bool sole,
                                            const ShardOptions& options) {
  return {spec.id, topology::PlacerOf(spec), spec.partitions,
          sole,    options.planted,          options.stand_ins};
}

}  // namespace

Replica::Replica(ShardState& shard, const PoolOptions& options, const topology::PoolSpec& spec,
                 OnFinished on_finished)
    : shard_(shard),
      options_(options),
      spec_(spec),
      on_finished_(std::move(on_finished)),
      sole_(TotalReplicas(shard.topology, spec.id) == 1),
      holds_all_(HoldsAll(shard.topology, shard.self(), spec.id)),
      keyspace_(KeyspaceOptionsOf(spec, sole_, shard.options)),
      coordinator_({shard.options.limits.waiters_per_key, shard.options.planted,
                    shard.options.points, shard.options.seed}),
      taken_(shard.options.limits.taken_requests, shard.options.planted) {
  for (uint16_t i = shard.options.shard.value; i < spec.partitions;
       i = static_cast<uint16_t>(i + shard.options.shards)) {
    keyspace_.OpenPartition(PartitionId{i});
  }
}

std::string_view Replica::Refusal(const commands::Command& command, std::string_view key) {
  if (!shard_.health.ok()) return "IOERR this node's storage failed; see its log. Ask another node";
  // Where there are other replicas the coordinator asks them.
  if (sole_ && Unstored(key)) {
    shard_.marks.Reach(Mark::kUnstoredRefused);
    return kUnstored;
  }
  if ((command.flags & commands::kWrite) == 0) return {};
  if (shard_.disk_full)
    return "DISKFULL this node's disk is full: reads are served, writes are not";
  if (shard_.clock_off) {
    return "CLOCKSKEW this node's clock is too far from its peers' to stamp writes; correct it";
  }
  const bool grows = (command.flags & commands::kDenyOom) != 0;
  const size_t limit = grows ? shard_.MemoryLimit(options_) : 0;
  if (limit > 0 && keyspace_.bytes() > limit && !MakeRoom(limit)) {
    shard_.marks.Reach(Mark::kOutOfMemory);
    return "OOM command not allowed when used memory > 'maxmemory'.";
  }
  return {};
}

// What a life that died has not synced may be missing here.
bool Replica::SelfCounts() const {
  return sole_ || options_.durability == env::Durability::kAlways || shard_.ended_orderly;
}

bool Replica::MakeRoom(size_t limit) {
  const bool may = sole_ || QUORATE_PLANTED(shard_.options.planted, kEvictReplicas);
  if (!may || !shard_.Evicts(options_)) return false;
  while (keyspace_.bytes() > limit) {
    if (!keyspace_.EvictOne(Batch())) return false;
    shard_.marks.Reach(Mark::kEvicted);
    ++evicted_;
  }
  return true;
}

// --- execution

void Replica::ExecuteNow(const commands::Command& command, commands::Arguments args,
                         size_t key_index, Place place, commands::ReplySink& reply,
                         Executed* executed, bool stores_passed) {
  const std::string_view key = args[key_index];
  const bool writes = (command.flags & commands::kWrite) != 0;
  const HybridTime now = shard_.clock.Now();
  const keyspace::Keyspace::Seen seen = keyspace_.See(place, key, now, Batch());
  if (seen.held != nullptr) keyspace_.SetUsed(place, *seen.held, true);
  mutation_.clear();
  const Version stamp = writes ? shard_.clock.Stamp() : Version{};
  commands::KeyContext context{args,
                               key,
                               keyspace_.View(seen.object()),
                               writes ? stamp.time : now,
                               stamp,
                               KeyedHash(shard_.options.seed, kCommandSeedPurpose, ++shard_.draws),
                               sole_,
                               shard_.options.planted,
                               shard_.config.bulk_bytes_max(),
                               mutation_,
                               reply};
  command.execute(context);
  const bool changes = !mutation_.empty();
  if (changes) ++changes_;
  if (!seen.passed.empty() && (changes || stores_passed)) {
    Bytes tombstone;
    keyspace::CellWriter(tombstone).Tombstone(seen.passed);
    mutation_.insert(0, tombstone);
  }
  if (mutation_.empty()) return;
  QUORATE_DCHECK(keyspace::ValidCells(mutation_));
  const auto applied = keyspace_.ApplyTo(place, seen.held, key, mutation_, Batch());
  if (executed == nullptr) return;
  executed->cells = mutation_;
  if (!changes) return;
  executed->stamp = stamp;
  executed->held = keyspace::HighestTouched(applied.object, mutation_, keyspace_.writers());
}

void Replica::Forget(std::string_view key) {
  QUORATE_CHECK(sole_);
  const Place place = keyspace_.PlaceOf(key);
  if (Object* object = keyspace_.Find(place, key)) keyspace_.Forget(place, object, Batch());
}

void Replica::Start(KeyCommand command, const Waiter& waiter, Instant deadline) {
  const dynamo::OperationId id{++shard_.next_id};
  const topology::ReplicaSet replicas = shard_.topology.ReplicasOf(spec_.id, command.place);
  dynamo::OperationStarted started;
  started.id = id;
  started.place = command.place;
  started.key = KeyOf(command);
  started.replicas.assign(replicas.begin(), replicas.end());
  started.self = IndexOfSelf(replicas);
  started.read = command.read;
  started.write = command.write;
  started.needs_read = command.needs_read;
  started.self_counts = SelfCounts() && (sole_ || !Unstored(KeyOf(command)));
  started.deadline = deadline;
  started.speculative_delay = options_.speculative_delay;
  started.yields = command.reaps;
  operations_.emplace(id,
                      Operation{std::move(command), waiter, replicas, {}, {}, started.self_counts});
  Step(started);
}

size_t Replica::IndexOfSelf(topology::ReplicaSet replicas) const {
  for (size_t i = 0; i < replicas.size(); ++i) {
    if (replicas[i].node == shard_.self()) return i;
  }
  QUORATE_CHECK(false);
}

// --- the coordinator's effects

void Replica::Step(const dynamo::Event& event) {
  coordinator_.Step(event, shard_.now(), effects_);
  if (carrying_) return;  // the loop below is running: it carries out what was added
  carrying_ = true;
  for (size_t i = 0; i < effects_.size(); ++i) {
    const dynamo::Effect effect = std::move(effects_[i]);
    Carry(effect);
  }
  effects_.clear();
  carrying_ = false;
}

void Replica::Carry(const dynamo::Effect& effect) {
  std::visit([this](const auto& e) { On(e); }, effect);
}

env::Target Replica::TargetOf(const Operation& operation, size_t replica) const {
  return {operation.replicas[replica].node, env::TargetKind::kPartition, spec_.id,
          keyspace_.PartitionOf(operation.command.place).value};
}

wire::RequestId Replica::Open(dynamo::OperationId id, size_t replica, uint32_t step) {
  const wire::RequestId request = shard_.NewRequestId();
  requests_.emplace(request, OpenRequest{id, replica, step, shard_.tick.clocks});
  operations_.at(id).requests.push_back(request);
  return request;
}

std::optional<Replica::OpenRequest> Replica::Close(wire::RequestId id) {
  const auto at = requests_.find(id);
  if (at == requests_.end()) return std::nullopt;
  const OpenRequest open = at->second;
  requests_.erase(at);
  return open;
}

void Replica::On(const dynamo::AskReplica& effect) {
  const auto at = operations_.find(effect.id);
  if (at == operations_.end()) return;
  const Operation& operation = at->second;
  const wire::RequestId request = Open(effect.id, effect.replica, 0);
  shard_.Send(TargetOf(operation, effect.replica),
              wire::Read{request, spec_.id, shard_.topology.epoch(), operation.command.place,
                         Bytes(KeyOf(operation.command)), effect.want_state},
              operation.waiter.trace);
}

uint64_t Replica::DigestOf(Place place, std::string_view key) const {
  const Object* object = keyspace_.Find(place, key);
  return object == nullptr ? 0 : keyspace::DigestOf(*object, keyspace_.writers());
}

void Replica::On(const dynamo::InspectState& effect) {
  const auto at = operations_.find(effect.id);
  if (at == operations_.end()) return;
  const KeyCommand& command = at->second.command;
  Step(dynamo::StateInspected{effect.id, DigestOf(command.place, KeyOf(command)), {}});
}

void Replica::On(const dynamo::MergeState& effect) {
  const auto at = operations_.find(effect.id);
  if (at == operations_.end()) return;
  const KeyCommand& command = at->second.command;
  const std::string_view key = KeyOf(command);
  if (!effect.state.empty()) keyspace_.Apply(command.place, key, effect.state, Batch());
  WhenDurable(effect.id, effect.step);
  dynamo::StateInspected merged{effect.id, DigestOf(command.place, key), {}};
  const Object* object = keyspace_.Find(command.place, key);
  if (object != nullptr) keyspace::PackObject(*object, keyspace_.writers(), merged.state);
  Step(merged);
}

void Replica::On(const dynamo::ExecuteOperation& effect) {
  Operation& operation = operations_.at(effect.id);
  const KeyCommand& command = operation.command;
  ReplyTape tape;
  Executed executed;
  bool moved = false;
  const std::string_view refusal = Refusal(*command.command, KeyOf(command));
  if (refusal.empty()) {
    moved =
        effect.expected.has_value() && DigestOf(command.place, KeyOf(command)) != *effect.expected;
    const std::vector<std::string_view> args(command.args.begin(), command.args.end());
    ExecuteNow(*command.command, args, command.key_index, command.place, tape, &executed,
               /*stores_passed=*/effect.expected.has_value());
  } else {
    if (QUORATE_PLANTED(shard_.options.planted, kRefuseExecuted) && refusal.starts_with("OOM")) {
      const std::vector<std::string_view> args(command.args.begin(), command.args.end());
      ReplyTape unsaid;
      ExecuteNow(*command.command, args, command.key_index, command.place, unsaid, &executed);
    }
    tape.Error(refusal);
  }
  operation.tape = tape.Take();
  const Object* object = keyspace_.Find(command.place, KeyOf(command));
  if (moved && object != nullptr) {
    executed.cells.clear();
    keyspace::PackObject(*object, keyspace_.writers(), executed.cells);
  }
  if (!executed.cells.empty()) WhenDurable(effect.id, effect.step);
  dynamo::OperationExecuted done{effect.id,
                                 std::move(executed.cells),
                                 executed.stamp,
                                 command.restampable,
                                 executed.held,
                                 moved,
                                 0};
  if (effect.wants_digest && object != nullptr) {
    done.digest = keyspace::DigestOf(*object, keyspace_.writers());
  }
  Step(done);
}

void Replica::WhenDurable(dynamo::OperationId id, uint32_t step) {
  shard_.tick.after.durable.emplace_back(spec_.id, dynamo::LocallyDurable{id, step});
  if (shard_.disk_full) NoteUnstored(KeyOf(operations_.at(id).command));
}

void Replica::On(const dynamo::WriteReplica& effect) {
  const auto at = operations_.find(effect.id);
  if (at == operations_.end()) return;
  const Operation& operation = at->second;
  if (effect.cells.empty()) return;
  const wire::RequestId request = Open(effect.id, effect.replica, effect.step);
  shard_.Send(TargetOf(operation, effect.replica),
              wire::Mutate{request, spec_.id, shard_.topology.epoch(), operation.command.place,
                           Bytes(KeyOf(operation.command)), effect.cells},
              operation.waiter.trace);
}

void Replica::On(const dynamo::RestampOperation& effect) {
  const auto at = operations_.find(effect.id);
  if (at == operations_.end()) return;
  const KeyCommand& command = at->second.command;
  shard_.clock.Witness(effect.above.time, shard_.options.clock_skew_max);
  const Version stamp = shard_.clock.Stamp();
  const Bytes cells = keyspace::Restamp(effect.cells, effect.from, stamp);
  const bool stores = !QUORATE_PLANTED(shard_.options.planted, kRestampUnstored);
  keyspace_.Apply(command.place, KeyOf(command), cells, stores ? Batch() : nullptr);
  WhenDurable(effect.id, effect.step);
  Step(dynamo::Restamped{effect.id, cells, stamp});
}

void Replica::On(const dynamo::OperationFinished& effect) {
  const auto at = operations_.find(effect.id);
  QUORATE_CHECK(at != operations_.end());
  const Operation operation = std::move(at->second);
  for (const wire::RequestId request : operation.requests) requests_.erase(request);
  operations_.erase(at);
  if (operation.command.reaps) Reaped(effect.ok);
  // It began before the disk was full, and saw what is stored nowhere perhaps.
  const bool saw_unstored =
      operation.self_counts && Unstored(KeyOf(operation.command)) && operation.command.needs_read;
  if (effect.ok && saw_unstored) {
    shard_.marks.Reach(Mark::kBuiltOnUnstored);
    const bool writes = (operation.command.command->flags & commands::kWrite) != 0;
    Answer(operation.waiter, wire::Outcome::kFailed,
           ErrorTape(writes ? kBuiltOnUnstored : kUnstored));
  } else if (effect.ok) {
    Answer(operation.waiter, wire::Outcome::kDone, operation.tape);
  } else {
    Answer(operation.waiter, wire::Outcome::kFailed, ErrorTape(effect.failure));
  }
}

void Replica::Answer(const Waiter& waiter, wire::Outcome outcome, Bytes tape) {
  if (waiter.ticket != 0) return on_finished_(waiter.ticket, outcome, std::move(tape));
  if (waiter.node == NodeId{}) return;
  wire::Message request;
  request.sender.node = waiter.node;
  request.requester = waiter.incarnation;
  request.trace = waiter.trace;
  shard_.Reply(
      request, ShardState::RequesterOf(request, spec_.id, waiter.request),
      wire::ExecuteReply{waiter.request, outcome, shard_.topology.epoch(), std::move(tape)});
}

}  // namespace quorate::node
