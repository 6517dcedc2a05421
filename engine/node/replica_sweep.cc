// SPDX-License-Identifier: Apache-2.0
// A replica finds the keys whose deadline has passed, and deletes them where all replicas agree.
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "engine/node/limits.h"
#include "engine/node/replica.h"

namespace quorate::node {

void Replica::FireTimers() {
  if (coordinator_.NextDeadline() <= shard_.now()) Step(dynamo::TimePassed{});
  if (SweepDue() <= shard_.now()) Sweep();
}

void Replica::Sweep() {
  const HybridTime now = shard_.clock.Now();
  std::vector<keyspace::PassedDeadline> passed;
  sweeping_ =
      keyspace_.FindPassed(HybridTime::FromMs(now.ms() - ReapDelayMs()), SweepBudget(), passed);
  if (sole_) {
    for (const keyspace::PassedDeadline& found : passed) {
      keyspace_.See(found.place, found.key, now, Batch());
    }
  } else {
    Reap(passed);
  }
  const bool soon = sole_ || (sweeping_ && !reaps_wait_);
  next_sweep_ = shard_.now() + (soon ? kExpiryInterval : kReapInterval);
}

size_t Replica::SweepBudget() const {
  if (!sole_) return (shard_.options.limits.reaps - reaps_) * kExpiryLooksAReap;
  return std::max(kExpiryBudget, keyspace_.deadlines() / kExpiryRoundSteps);
}

// Whatever was begun before a deadline passed is over, on any node's clock, after this time: a
// replica may then ask the others whether it really has passed.
int64_t Replica::ReapDelayMs() const {
  if (sole_) return 0;
  const Duration delay = options_.request_timeout + shard_.options.clock_skew_max;
  return std::chrono::duration_cast<std::chrono::milliseconds>(delay).count();
}

// As many as there is room for in flight; the next look begins at the first of the others.
void Replica::Reap(const std::vector<keyspace::PassedDeadline>& passed) {
  reaps_wait_ = reaps_ >= shard_.options.limits.reaps;
  for (const keyspace::PassedDeadline& found : passed) {
    if (!IsOursToReap(found)) continue;
    if (reaps_ >= shard_.options.limits.reaps) {
      reaps_wait_ = true;
      sweeping_ = true;
      keyspace_.FindPassedFrom(found);
      return;
    }
    StartReap(found);
  }
}

// Nothing is forgotten before all replicas agree. The first of the preference list begins; if it is
// away the next one does, later.
bool Replica::IsOursToReap(const keyspace::PassedDeadline& passed) const {
  const topology::ReplicaSet replicas = shard_.topology.ReplicasOf(spec_.id, passed.place);
  const auto turn = static_cast<int64_t>(IndexOfSelf(replicas)) + 1;
  const int64_t due_ms = passed.deadline_ms + turn * ReapDelayMs();
  return due_ms <= shard_.clock.Now().ms() && !coordinator_.Busy(passed.place, passed.key);
}

void Replica::StartReap(const keyspace::PassedDeadline& passed) {
  KeyCommand command;
  command.command = commands::FindCommand("exists");  // a read at ALL stores what has passed
  command.args = {Bytes(command.command->name), passed.key};
  command.place = passed.place;
  command.read = topology::Consistency::kAll;
  command.write = topology::Consistency::kAll;
  command.needs_read = true;
  command.reaps = true;
  ++reaps_;
  shard_.marks.Reach(Mark::kReapStarted);
  Start(std::move(command), Waiter{}, shard_.now() + options_.request_timeout);
}

// Deletions follow each other as fast as they end, or keys would pass faster than they go. Those
// that fail begin no others before the next interval: a replica is away.
void Replica::Reaped(bool ok) {
  --reaps_;
  if (ok && reaps_wait_ && reaps_ <= shard_.options.limits.reaps / 2) next_sweep_ = shard_.now();
}

// When the sweep for passed deadlines has something to do. The wall clock decides what has passed;
// this only says when to look.
Instant Replica::SweepDue() const {
  if (shard_.loading || keyspace_.deadlines() == 0) return Instant::max();
  if (sweeping_) return next_sweep_;
  const int64_t due_ms = keyspace_.earliest_deadline_ms() + ReapDelayMs();
  const int64_t wait_ms = due_ms - shard_.clock.Now().ms();
  if (wait_ms <= 0) return next_sweep_;
  return std::max(next_sweep_,
                  shard_.now() + std::chrono::milliseconds(std::min(wait_ms, kSweepWaitMaxMs)));
}

Instant Replica::NextDeadline() const { return std::min(coordinator_.NextDeadline(), SweepDue()); }

}  // namespace quorate::node
