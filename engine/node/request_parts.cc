// SPDX-License-Identifier: Apache-2.0
#include "engine/node/request_parts.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "engine/base/check.h"
#include "engine/commands/reply.h"
#include "engine/dynamo/quorum.h"
#include "engine/node/limits.h"

namespace quorate::node {

using commands::ErrorTape;

namespace {

// A level of one data centre means the one that the client came to: whoever executes in another one
// would count its own, and what it acknowledged would be missed by reads here.
bool StaysNear(const KeyCommand& command) {
  const bool writes = (command.command->flags & commands::kWrite) != 0;
  const bool reads = command.needs_read || !writes;
  const auto is_local = [](topology::Consistency level) {
    return dynamo::ScopeOf(level) == dynamo::Scope::kLocal;
  };
  return (reads && is_local(command.read)) || (writes && is_local(command.write));
}

}  // namespace

bool RequestParts::UnderWay(ClientId client, Place place) const {
  if (order_.empty()) return false;
  const auto order = order_.find({client, place});
  return order != order_.end() && !order->second.queue.empty();
}

bool RequestParts::UnderWay(ClientId client) const {
  for (auto order = order_.lower_bound({client, Place{}});
       order != order_.end() && order->first.first == client; ++order) {
    if (!order->second.queue.empty()) return true;
  }
  return false;
}

// This node first where it has a replica, then its data centre, then the rest; those that did not
// answer lately go last. Commands that need one order ask the first of the preference list, like
// all coordinators.
std::vector<NodeId> RequestParts::CandidatesFor(Place place, bool one_order, bool near) const {
  const topology::ReplicaSet replicas = shard_.topology.ReplicasOf(spec_.id, place);
  const topology::Replica* self = shard_.topology.FindNode(shard_.self());
  const auto is_near = [self](const topology::Replica& replica) {
    return self != nullptr && replica.data_centre == self->data_centre;
  };
  const auto rank = [&](const topology::Replica& replica) {
    if (!one_order && replica.node == shard_.self()) return 0;
    const int distance = is_near(replica) ? 1 : 2;
    return shard_.peers.Reachable(replica.node, shard_.now()) ? distance : distance + 2;
  };
  const bool keeps_near = near && std::any_of(replicas.begin(), replicas.end(), is_near);
  // They are few: each goes behind those of its rank or a better one.
  absl::InlinedVector<int, 8> ranks;
  std::vector<NodeId> candidates;
  candidates.reserve(replicas.size());
  for (const topology::Replica& replica : replicas) {
    if (keeps_near && !is_near(replica)) continue;
    const int its = rank(replica);
    const auto at = std::upper_bound(ranks.begin(), ranks.end(), its);
    candidates.insert(candidates.begin() + (at - ranks.begin()), replica.node);
    ranks.insert(at, its);
  }
  return candidates;
}

void RequestParts::Start(const PartId& id, ClientId client, KeyCommand command, bool one_order) {
  const uint64_t ticket = ++shard_.next_id;
  Part part;
  part.id = id;
  part.client = client;
  // What needs one order has one place to execute, wherever it comes from.
  part.candidates = CandidatesFor(command.place, one_order, !one_order && StaysNear(command));
  if (!one_order && part.candidates.size() > 1 && shard_.Fires(FaultPoint::kAskAnother, ticket)) {
    std::rotate(part.candidates.begin(), part.candidates.begin() + 1, part.candidates.end());
  }
  part.command = std::move(command);
  part.deadline = shard_.now() + options_.request_timeout;
  Part& stored = parts_.emplace(ticket, std::move(part)).first->second;
  Arm(ticket, stored);
  const std::pair order_key{stored.client, stored.command.place};
  const bool here = !stored.candidates.empty() && stored.candidates.front() == shard_.self() &&
                    replica_.OwnsPartition(stored.command.place);
  // The coordinator here keeps the order by itself, except of writes that read nothing: until such
  // a one ends it may be stamped again, above what its client has sent behind it.
  const bool ordered_here = here && !stored.command.restampable;
  const bool unordered = QUORATE_PLANTED(shard_.options.planted, kPipelineUnordered);
  if (unordered) return AskNext(ticket, stored);
  Order& order = order_[order_key];
  if (ordered_here && order.queue.empty()) {
    stored.counted = true;
    ++order.here;
    return AskNext(ticket, stored);
  }
  stored.in_order = true;
  order.queue.push_back(ticket);
  shard_.marks.Raise(Watermark::kRequestsInOrder, order.queue.size());
  if (order.here == 0 && order.queue.size() == 1) return AskNext(ticket, stored);
  shard_.marks.Reach(Mark::kQueuedInOrder);
}

// A part has ended; the next may begin.
void RequestParts::LeaveOrder(const Part& part, uint64_t ticket) {
  if (!part.in_order && !part.counted) return;
  const auto at = order_.find({part.client, part.command.place});
  QUORATE_CHECK(at != order_.end());
  Order& order = at->second;
  bool first_may_begin = false;
  if (part.counted) {
    first_may_begin = --order.here == 0;
  } else {
    first_may_begin = order.here == 0 && order.queue.front() == ticket;
    std::erase(order.queue, ticket);
  }
  if (order.queue.empty()) {
    if (order.here == 0 || QUORATE_PLANTED(shard_.options.planted, kForgetOrder)) order_.erase(at);
  } else if (first_may_begin && !QUORATE_PLANTED(shard_.options.planted, kKeepTurn)) {
    AskNext(order.queue.front(), parts_.at(order.queue.front()));
  }
}

void RequestParts::AskNext(uint64_t ticket, Part& part) {
  // It has waited for its turn until its time was over: its timer says so, and nobody is asked.
  if (shard_.now() >= part.deadline) return;
  part.pausing = false;
  if (part.next_candidate >= part.candidates.size()) {
    // Everybody was asked. Nobody has executed it, or it may be executed again: once more, after a
    // pause.
    shard_.marks.Reach(Mark::kEveryoneAsked);
    if (shard_.stopping) return EndByStop(ticket);
    part.next_candidate = 0;
    part.pausing = true;
    part.attempt_deadline = shard_.now() + options_.speculative_delay;
    return Arm(ticket, part);
  }
  if (part.next_candidate > 0) shard_.marks.Reach(Mark::kOtherCandidate);
  part.asked = part.candidates[part.next_candidate++];
  if (part.asked == shard_.self() && replica_.OwnsPartition(part.command.place)) {
    part.attempt_deadline = Instant::max();
    part.here = true;
    Arm(ticket, part);
    // Others may have been asked before, and have taken some of its time.
    return replica_.Start(part.command, Waiter{ticket, {}, {}, {}, 0}, part.deadline);
  }
  Ask(ticket, part);
}

// A stop does not wait for those who refuse: its own siblings will until it is over.
void RequestParts::EndByStop(uint64_t ticket) {
  shard_.marks.Reach(Mark::kEndedByStop);
  Finished(ticket, ErrorTape("SHUTDOWN this node is stopping, and no replica of the key took the "
                             "request; ask another"));
}

void RequestParts::Ask(uint64_t ticket, Part& part) {
  part.pausing = false;  // a late answer may have come in the pause
  const wire::RequestId request = shard_.NewRequestId();
  part.requests.push_back(request);
  asked_.emplace(request, ticket);
  part.asked_life = part.asked == shard_.self() ? shard_.options.record.incarnation
                                                : shard_.peers.LifeOf(part.asked);
  if (part.asked != shard_.self() && shard_.Fires(FaultPoint::kForgetLife, request.value)) {
    part.asked_life = {};
  }
  part.attempt_deadline = shard_.now() + options_.request_timeout / kForwardAttempts;
  Arm(ticket, part);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(part.deadline - shard_.now());
  const HybridTime expires = HybridTime::FromMs(
      shard_.clock.Now().ms() + left.count() +
      std::chrono::duration_cast<std::chrono::milliseconds>(shard_.options.clock_skew_max).count());
  shard_.Send({part.asked, env::TargetKind::kPartition, spec_.id,
               replica_.keyspace().PartitionOf(part.command.place).value},
              wire::Execute{request, spec_.id, shard_.topology.epoch(), part.command.place, expires,
                            part.command.read, part.command.write, part.command.args,
                            part.asked_life, shard_.clock.Now()});
}

void RequestParts::Deliver(const wire::ExecuteReply& reply) {
  const auto asked = asked_.find(reply.id);
  if (asked == asked_.end()) return;
  const uint64_t ticket = asked->second;
  Part& part = parts_.at(ticket);
  if (reply.outcome == wire::Outcome::kDone || reply.outcome == wire::Outcome::kFailed) {
    return Finished(ticket, reply.tape);
  }
  if (reply.outcome == wire::Outcome::kOtherLife && !MayRepeat(part)) {
    ++failures_;
    shard_.marks.Reach(Mark::kRestartedReplica);
    return Finished(ticket, ErrorTape("NOQUORUM the replica that was asked has restarted; "
                                      "the outcome is unknown"));
  }
  // Provably not executed there, or harmless.
  asked_.erase(asked);
  const bool latest = !part.requests.empty() && part.requests.back() == reply.id;
  std::erase(part.requests, reply.id);
  // A late answer: meanwhile it is executed here, or somebody else is asked.
  if (part.here || !latest) return;
  const bool introduced =
      part.asked_life == Incarnation{} && shard_.peers.LifeOf(part.asked) != Incarnation{};
  if (!introduced) return AskNext(ticket, part);
  shard_.marks.Reach(Mark::kIntroduced);
  Ask(ticket, part);
}

// A write that is asked of a second replica takes effect twice, however idempotent: the first
// execution may be stamped after writes that began when the second one was acknowledged.
bool RequestParts::MayRepeat(const Part& part) const {
  const bool writes = (part.command.command->flags & commands::kWrite) != 0;
  return (part.command.idempotent && !writes) ||
         QUORATE_PLANTED(shard_.options.planted, kRetryExecuted);
}

void RequestParts::Finished(uint64_t ticket, Bytes tape) {
  const auto at = parts_.find(ticket);
  if (at == parts_.end()) return;  // it had timed out
  const Part part = std::move(at->second);
  for (const wire::RequestId request : part.requests) asked_.erase(request);
  timers_.erase({part.timer, ticket});
  parts_.erase(at);
  LeaveOrder(part, ticket);
  on_done_(part.id, std::move(tape));
}

// --- time

void RequestParts::Arm(uint64_t ticket, Part& part) {
  timers_.erase({part.timer, ticket});
  part.timer = std::min(part.deadline, part.attempt_deadline);
  timers_.emplace(part.timer, ticket);
}

Instant RequestParts::NextDeadline() const {
  return timers_.empty() ? Instant::max() : timers_.begin()->first;
}

void RequestParts::FireTimers() {
  while (!timers_.empty() && timers_.begin()->first <= shard_.now()) {
    const uint64_t ticket = timers_.begin()->second;
    Expire(ticket, parts_.at(ticket));
  }
}

void RequestParts::Expire(uint64_t ticket, Part& part) {
  // An operation of this very shard has the same deadline and a better answer.
  if (shard_.now() >= part.deadline) {
    if (!part.here) return Fail(ticket, part);
    part.deadline = shard_.now() + kSuspicion;
    return Arm(ticket, part);
  }
  if (part.pausing) return AskNext(ticket, part);
  shard_.peers.Suspect(part.asked, shard_.now() + kSuspicion);
  if (part.asked_life != Incarnation{}) part.maybe_executed = true;
  if (MayRepeat(part) || part.asked_life == Incarnation{}) return AskNext(ticket, part);
  part.attempt_deadline = Instant::max();  // its answer may still come
  Arm(ticket, part);
}

void RequestParts::Fail(uint64_t ticket, Part& part) {
  ++failures_;
  shard_.marks.Reach(Mark::kPartTimedOut);
  const bool unknown = part.maybe_executed || !part.requests.empty();
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.request_timeout).count();
  Finished(ticket, ErrorTape(Format("NOQUORUM no replica of the key answered in %d ms; %s", waited,
                                    unknown ? "the outcome is unknown" : "nothing was changed")));
}

}  // namespace quorate::node
