// SPDX-License-Identifier: Apache-2.0
// A replica as its peers see it: what they ask of it, and what they answer.
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/commands/key_positions.h"
#include "engine/commands/plan.h"
#include "engine/keyspace/cell.h"
#include "engine/node/replica.h"

namespace quorate::node {

using keyspace::Object;

wire::Outcome Replica::CheckPeerRequest(Epoch epoch, Place place) const {
  if (epoch != shard_.topology.epoch()) return wire::Outcome::kWrongEpoch;
  if (shard_.loading || shard_.stopping) return wire::Outcome::kNotExecuted;
  if (!shard_.health.ok()) return wire::Outcome::kStorageFailed;
  if (!Holds(place)) return wire::Outcome::kNotOwner;
  return wire::Outcome::kDone;
}

// A copy of what an earlier life has executed must not be executed again; what was issued since
// this one began, on any member's clock, cannot be such a copy.
bool Replica::AskedInThisLife(const wire::Execute& request) const {
  if (request.executor == shard_.options.record.incarnation) return true;
  if (QUORATE_PLANTED(shard_.options.planted, kForgetLives)) return true;
  const auto skew =
      std::chrono::duration_cast<std::chrono::milliseconds>(shard_.options.clock_skew_max);
  return request.issued.ms() > shard_.life_began.ms() + skew.count();
}

// Repeated requests are ignored: the first one answers. Siblings repeat nothing (env/network.h).
void Replica::Remember(const wire::Message& message, const wire::Execute& request) {
  if (message.sender.node == shard_.self()) return;
  const size_t floors = taken_.floors();
  taken_.Add({message.sender.node, message.requester, request.id}, request.expires,
             shard_.clock.Now());
  if (taken_.floors() > floors) shard_.marks.Reach(Mark::kTakenForgotten);
}

void Replica::Deliver(const wire::Message& message, const wire::Execute& request) {
  const Waiter waiter{0, message.sender.node, message.requester, request.id, message.trace};
  if (request.executor == Incarnation{}) return Answer(waiter, wire::Outcome::kNotExecuted, {});
  if (!AskedInThisLife(request)) {
    shard_.marks.Reach(Mark::kOtherLife);
    return Answer(waiter, wire::Outcome::kOtherLife, {});
  }
  // Before anything is refused: the first of two copies may have been executed.
  if (taken_.Contains({message.sender.node, message.requester, request.id}) &&
      !QUORATE_PLANTED(shard_.options.planted, kExecuteCopies)) {
    shard_.marks.Reach(Mark::kCopyIgnored);
    return;
  }
  // Whoever hears that it was not executed may ask elsewhere: a copy that comes later must not be,
  // so what is refused is remembered too.
  const wire::Outcome check = CheckPeerRequest(request.epoch, request.place);
  if (check == wire::Outcome::kStorageFailed) shard_.marks.Reach(Mark::kStorageFailedHere);
  if (check != wire::Outcome::kDone) {
    if (check == wire::Outcome::kNotExecuted) Remember(message, request);
    return Answer(waiter, check, {});
  }
  if (request.expires < shard_.clock.Now()) {
    shard_.marks.Reach(Mark::kExpiredRequest);
    return Answer(waiter, wire::Outcome::kNotExecuted, {});
  }
  if (operations_.size() >= shard_.options.limits.operations ||
      shard_.Fires(FaultPoint::kRefuseRequest, request.id.value)) {
    Remember(message, request);
    return Answer(waiter, wire::Outcome::kNotExecuted, {});
  }
  const std::vector<std::string_view> args(request.args.begin(), request.args.end());
  Bytes error;
  const commands::Command* command = commands::ResolveCommand(args, error);
  const commands::KeyPositions keys =
      command == nullptr ? commands::KeyPositions{} : commands::KeysOf(*command, args.size());
  if (keys.empty() || command->execute == nullptr ||
      keyspace_.PlaceOf(args[keys.first]) != request.place) {
    return Answer(waiter, wire::Outcome::kNotExecuted, {});
  }
  Remember(message, request);
  const commands::Plan plan = commands::PlanOf(*command, args);
  Start(KeyCommand{command, request.args, keys.first, request.place, request.read, request.write,
                   plan.reads != commands::Reads::kNothing, plan.reads == commands::Reads::kNothing,
                   plan.idempotent},
        waiter, shard_.now() + options_.request_timeout);
}

void Replica::Deliver(const wire::Message& message, const wire::Read& request) {
  wire::ReadReply reply{
      request.id, CheckPeerRequest(request.epoch, request.place), shard_.topology.epoch(), 0, false,
      {}};
  if (shard_.Fires(FaultPoint::kRefuseStep, request.id.value)) {
    reply.outcome = wire::Outcome::kNotExecuted;
  }
  reply.doubtful = !SelfCounts() || Unstored(request.key);
  if (reply.outcome == wire::Outcome::kDone) {
    if (QUORATE_PLANTED(shard_.options.planted, kExpireUnread)) {
      keyspace_.See(request.place, request.key, shard_.clock.Now(), Batch());
    }
    const Object* object = keyspace_.Find(request.place, request.key);
    reply.digest = object == nullptr ? 0 : keyspace::DigestOf(*object, keyspace_.writers());
    reply.has_state = request.want_state;
    if (request.want_state && object != nullptr) {
      keyspace::PackObject(*object, keyspace_.writers(), reply.state);
    }
  }
  shard_.Reply(message, ShardState::RequesterOf(message, spec_.id, request.id), std::move(reply));
}

// What a replica would do that applied increments instead of merging sums.
Bytes Replica::CountAgain(Place place, std::string_view key, std::string_view cells) const {
  const keyspace::ObjectView view = keyspace_.View(keyspace_.Find(place, key));
  Bytes out;
  keyspace::CellReader reader(cells);
  keyspace::Cell cell;
  while (reader.Next(cell)) {
    Bytes value;
    if (cell.kind == keyspace::CellKind::kSlot) {
      keyspace::SlotValue slot = keyspace::UnpackSlotValue(cell.value);
      if (view.SlotSum(Bytes(cell.name)) == slot.sum) {
        ++slot.sum;
        cell.version.time = cell.version.time.Next();
      }
      value = keyspace::PackSlotValue(slot);
      cell.value = value;
    }
    keyspace::CellWriter(out).Put(cell);
  }
  return out;
}

void Replica::Deliver(const wire::Message& message, const wire::Mutate& request) {
  wire::MutateReply reply{
      request.id, CheckPeerRequest(request.epoch, request.place), shard_.topology.epoch(), {}};
  if (shard_.Fires(FaultPoint::kRefuseStep, request.id.value)) {
    reply.outcome = wire::Outcome::kNotExecuted;
  }
  if (reply.outcome == wire::Outcome::kDone &&
      (!keyspace::ValidCells(request.cells) || keyspace_.PlaceOf(request.key) != request.place)) {
    reply.outcome = wire::Outcome::kNotExecuted;
  }
  if (reply.outcome == wire::Outcome::kDone && shard_.disk_full) {
    reply.outcome = wire::Outcome::kStorageFailed;
  }
  if (reply.outcome == wire::Outcome::kDone) {
    Bytes again;
    std::string_view cells = request.cells;
    if (QUORATE_PLANTED(shard_.options.planted, kApplyWithoutMerge)) {
      cells = again = CountAgain(request.place, request.key, request.cells);
    }
    const auto applied = keyspace_.Apply(request.place, request.key, cells, Batch());
    reply.highest = keyspace::HighestTouched(applied.object, cells, keyspace_.writers());
    shard_.clock.Witness(reply.highest.time, shard_.options.clock_skew_max);
  }
  shard_.Reply(message, ShardState::RequesterOf(message, spec_.id, request.id), reply);
}

void Replica::MeasureClock(const wire::Message& reply, const OpenRequest& request) {
  shard_.peer_clocks.Measure(reply.sender.node, reply.sender.wall, request.asked,
                             shard_.tick.clocks);
}

void Replica::Deliver(const wire::Message& message, const wire::ReadReply& reply) {
  // Loading or overloaded: it is asked again with the next resend.
  if (reply.outcome == wire::Outcome::kNotExecuted) return;
  const auto open = Close(reply.id);
  if (!open.has_value()) return;
  MeasureClock(message, *open);
  const bool ok = reply.outcome == wire::Outcome::kDone && keyspace::ValidCells(reply.state);
  if (ok) {
    keyspace::CellReader reader(reply.state);
    keyspace::Cell cell;
    while (reader.Next(cell)) {
      shard_.clock.Witness(cell.version.time, shard_.options.clock_skew_max);
    }
  }
  Step(dynamo::ReadAnswered{open->operation, open->replica, ok, reply.digest,
                            reply.has_state ? std::optional<Bytes>(reply.state) : std::nullopt,
                            reply.doubtful});
}

void Replica::Deliver(const wire::Message& message, const wire::MutateReply& reply) {
  if (reply.outcome == wire::Outcome::kNotExecuted) return;
  const auto open = Close(reply.id);
  if (!open.has_value()) return;
  MeasureClock(message, *open);
  Step(dynamo::WriteAnswered{open->operation, open->replica, open->step,
                             reply.outcome == wire::Outcome::kDone, reply.highest});
}

}  // namespace quorate::node
