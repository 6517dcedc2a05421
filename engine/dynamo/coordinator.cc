// SPDX-License-Identifier: Apache-2.0
#include "engine/dynamo/coordinator.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/dynamo/limits.h"

namespace quorate::dynamo {

using topology::Consistency;

void Coordinator::Step(const Event& event, Instant now, Effects& effects) {
  std::visit([&](const auto& e) { On(e, now, effects); }, event);
}

Coordinator::Operation* Coordinator::Find(OperationId id) {
  const auto at = operations_.find(id);
  return at == operations_.end() ? nullptr : &at->second;
}

Instant Coordinator::NextDeadline() const {
  return timers_.empty() ? Instant::max() : timers_.begin()->first;
}

bool Coordinator::Busy(Place place, std::string_view key) const {
  return turns_.contains(KeyId{place, Bytes(key)});
}

// --- start and turns

void Coordinator::On(const OperationStarted& event, Instant now, Effects& effects) {
  QUORATE_CHECK(event.self < event.replicas.size() && event.replicas.size() <= kReplicasMax);
  const auto [at, added] = operations_.try_emplace(event.id);
  QUORATE_CHECK(added);
  Operation& operation = at->second;
  operation.start = event;
  operation.started = now;
  marks_.Raise(Watermark::kOperations, operations_.size());
  operation.answers.resize(event.replicas.size());
  if (event.needs_read) {
    Quorum local = ReadQuorum(operation);
    if (event.self_counts) local.Succeed(event.self);
    operation.start.needs_read = !local.reached();
  }
  Arm(operation);
  auto turn = turns_.find(KeyOf(operation));
  if (turn != turns_.end()) {
    Operation& current = *Find(turn->second.current);
    if (current.start.yields && current.phase < Phase::kExecuting) {
      marks_.Reach(Mark::kReapYielded);
      Finish(current, false, now, effects);
      turn = turns_.find(KeyOf(operation));
    }
  }
  if (turn != turns_.end()) {
    if (turn->second.waiting.size() >= options_.waiters_per_key_max)
      return Finish(operation, false, now, effects);
    turn->second.waiting.push_back(event.id);
    marks_.Raise(Watermark::kTurnWaiters, turn->second.waiting.size());
    return;
  }
  if (!operation.start.needs_read) {
    BeginExecution(operation, nullptr, now, effects);
    return;
  }
  Turn& own = turns_[KeyOf(operation)];
  own.current = event.id;
  own.read = event.read;
  BeginReading(operation, now, effects);
}

// The lead's read is done: it and then those that share its read execute, in order of arrival.
void Coordinator::ExecuteTurn(Operation& lead, Instant now, Effects& effects) {
  const KeyId key = KeyOf(lead);
  if (!BeginExecution(lead, &turns_.at(key), now, effects)) ContinueTurn(key, now, effects);
}

// The current operation has executed, or was too late to.
void Coordinator::ContinueTurn(const KeyId& key, Instant now, Effects& effects) {
  Turn& turn = turns_.at(key);
  const OperationId last = turn.current;  // a follower that is too late leaves nothing to wait for
  while (!turn.followers.empty()) {
    Operation& next = *Find(turn.followers.front());
    turn.followers.pop_front();
    Operation* before = Find(last);
    // A command that reads nothing shows nothing of what was there.
    if (before != nullptr && next.start.needs_read) {
      next.predecessor = last;
      before->dependents.push_back(next.start.id);
    }
    turn.current = next.start.id;
    if (BeginExecution(next, &turn, now, effects)) return;
  }
  AdvanceTurn(key, now, effects);
}

void Coordinator::AdvanceTurn(const KeyId& key, Instant now, Effects& effects) {
  Turn& turn = turns_.at(key);
  while (!turn.waiting.empty()) {
    Operation& lead = *Find(turn.waiting.front());
    turn.waiting.pop_front();
    if (!lead.start.needs_read) {
      BeginExecution(lead, nullptr, now, effects);
      continue;
    }
    turn.current = lead.start.id;
    turn.read = lead.start.read;
    while (!turn.waiting.empty()) {
      const Operation& next = *Find(turn.waiting.front());
      if (next.start.needs_read && next.start.read != lead.start.read) break;
      turn.followers.push_back(next.start.id);
      turn.waiting.pop_front();
      marks_.Reach(Mark::kReadShared);
    }
    return BeginReading(lead, now, effects);
  }
  turns_.erase(key);
}

// The operation ends before its execution: whoever counted on it goes on without.
void Coordinator::AbandonTurn(Operation& operation, Instant now, Effects& effects) {
  const auto at = turns_.find(KeyOf(operation));
  if (at == turns_.end()) return;
  Turn& turn = at->second;
  const OperationId id = operation.start.id;
  if (turn.current == id) {
    turn.waiting.insert(turn.waiting.begin(), turn.followers.begin(), turn.followers.end());
    turn.followers.clear();
    return AdvanceTurn(at->first, now, effects);
  }
  std::erase(turn.waiting, id);
  std::erase(turn.followers, id);
}

// --- reading

Quorum Coordinator::ReadQuorum(const Operation& operation) const {
  const OperationStarted& start = operation.start;
  const Consistency level =
      QUORATE_PLANTED(options_.planted, kReadFewer) ? Consistency::kOne : start.read;
  return Quorum(start.replicas, start.replicas[start.self].data_centre, level);
}

Quorum Coordinator::WriteQuorum(const Operation& operation) const {
  const OperationStarted& start = operation.start;
  return Quorum(start.replicas, start.replicas[start.self].data_centre, start.write);
}

void Coordinator::BeginReading(Operation& operation, Instant now, Effects& effects) {
  operation.phase = Phase::kReading;
  operation.quorum = ReadQuorum(operation);
  operation.inspected = false;
  effects.push_back(InspectState{operation.start.id});
  AskReplicas(operation, Fires(FaultPoint::kReadAllAtOnce, operation), effects);
  ScheduleResend(operation, now, operation.start.speculative_delay);
}

// Asks as many as the level needs, nearest in the preference list first; `all` those that count.
void Coordinator::AskReplicas(Operation& operation, bool all, Effects& effects) {
  Quorum planned = *operation.quorum;
  if (operation.start.self_counts) planned.Succeed(operation.start.self);
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    if (operation.answers[i].known && !operation.answers[i].doubtful) planned.Succeed(i);
  }
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    Answer& answer = operation.answers[i];
    if (i == operation.start.self || answer.known || !planned.Counts(i)) continue;
    if (!all && planned.reached()) break;
    if (!all && answer.asked) continue;
    planned.Succeed(i);
    answer.asked = true;
    effects.push_back(AskReplica{operation.start.id, i, false});
  }
}

void Coordinator::On(const StateInspected& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  if (operation == nullptr) return;
  if (operation->phase == Phase::kRepairing) return BeginRepair(*operation, event, now, effects);
  if (operation->phase != Phase::kReading) return;
  operation->local_digest = event.digest;
  operation->inspected = true;
  if (operation->start.self_counts) operation->quorum->Succeed(operation->start.self);
  JudgeReading(*operation, now, effects);
}

void Coordinator::On(const ReadAnswered& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  if (operation == nullptr || operation->phase != Phase::kReading) return;
  QUORATE_CHECK(event.replica < operation->answers.size());
  if (!event.ok) {
    operation->quorum->Fail(event.replica);
    if (operation->quorum->impossible()) Finish(*operation, false, now, effects);
    return;
  }
  Answer& answer = operation->answers[event.replica];
  if (!answer.known) {
    answer.known = true;
    answer.doubtful = event.doubtful;
    answer.digest = event.digest;
    if (event.doubtful) marks_.Reach(Mark::kDoubtfulCopy);
    if (!event.doubtful) operation->quorum->Succeed(event.replica);
  }
  if (event.state.has_value() && !answer.state.has_value()) {
    answer.digest = event.digest;
    answer.state = event.state;
  }
  JudgeReading(*operation, now, effects);
}

// Copies in doubt do not count: what they have lost may be what a quorum overlaps in. Once every
// replica has answered there is nobody left who could know more.
bool Coordinator::EnoughRead(const Operation& operation) {
  if (!operation.inspected) return false;
  if (operation.quorum->reached()) return true;
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    if (i != operation.start.self && !operation.answers[i].known) return false;
  }
  return true;
}

void Coordinator::JudgeReading(Operation& operation, Instant now, Effects& effects) {
  if (!EnoughRead(operation)) return;
  bool waits = false;
  Bytes states;
  std::set<uint64_t> taken = {operation.local_digest,
                              0};  // 0: the replica knows nothing of the key
  for (const Answer& answer : operation.answers) {
    if (answer.state.has_value() && taken.insert(answer.digest).second) states += *answer.state;
  }
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    Answer& answer = operation.answers[i];
    if (!answer.known || !taken.insert(answer.digest).second) continue;
    waits = true;
    if (answer.state_asked) continue;
    answer.state_asked = true;
    effects.push_back(AskReplica{operation.start.id, i, true});
  }
  if (waits) return;
  const bool agree = std::all_of(operation.answers.begin(), operation.answers.end(),
                                 [&operation](const Answer& answer) {
                                   return !answer.known || answer.digest == operation.local_digest;
                                 });
  turns_.at(KeyOf(operation)).settled = operation.local_digest;
  if (agree) return ExecuteTurn(operation, now, effects);
  ++stats_.read_repairs;
  marks_.Reach(Mark::kReadRepaired);
  operation.phase = Phase::kRepairing;
  ++operation.step;
  effects.push_back(MergeState{operation.start.id, std::move(states), operation.step});
}

void Coordinator::BeginRepair(Operation& operation, const StateInspected& merged, Instant now,
                              Effects& effects) {
  operation.quorum = ReadQuorum(operation);
  operation.cells = merged.state;
  turns_.at(KeyOf(operation)).settled = merged.digest;
  if (QUORATE_PLANTED(options_.planted, kSkipRepair)) return ExecuteTurn(operation, now, effects);
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    const Answer& answer = operation.answers[i];
    if (i == operation.start.self || !answer.known) continue;
    if (answer.digest == merged.digest) {
      operation.quorum->Succeed(i);
    } else {
      effects.push_back(WriteReplica{operation.start.id, i, operation.step, operation.cells});
    }
  }
  if (operation.quorum->reached()) return ExecuteTurn(operation, now, effects);
  ScheduleResend(operation, now, kResendInterval);
}

// --- execution and writing

// Out of its turn and past its deadline, an operation is not executed any more: false.
bool Coordinator::BeginExecution(Operation& operation, const Turn* turn, Instant now,
                                 Effects& effects) {
  operation.phase = Phase::kExecuting;
  if (now >= operation.start.deadline) {
    marks_.Reach(Mark::kLateOperation);
    Finish(operation, false, now, effects);
    return false;
  }
  operation.next_resend = Instant::max();
  Arm(operation);
  ++operation.step;
  ExecuteOperation execute{operation.start.id, operation.step, std::nullopt, turn != nullptr};
  if (turn != nullptr && operation.start.needs_read) execute.expected = turn->settled;
  effects.push_back(execute);
  return true;
}

void Coordinator::On(const OperationExecuted& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  QUORATE_CHECK(operation != nullptr && operation->phase == Phase::kExecuting);
  const KeyId key = KeyOf(*operation);
  const Consistency level = event.stamp.empty() ? operation->start.read : operation->start.write;
  if (event.cells.empty()) {
    Complete(*operation, now, effects);
  } else {
    operation->cells = event.cells;
    operation->stamp = event.stamp;
    operation->restampable = event.restampable;
    operation->highest = event.held;
    operation->moved = event.moved;
    if (event.moved) ++stats_.settled;
    if (event.moved) marks_.Reach(Mark::kStateMoved);
    BeginWriting(*operation, now, effects);
  }
  const auto at = turns_.find(key);
  if (at == turns_.end() || at->second.current != event.id) return;
  Turn& turn = at->second;
  // What it has left will stand where a read looks, unless writing has failed already.
  const bool stands =
      event.cells.empty() || (Find(event.id) != nullptr &&
                              (event.moved || level == turn.read || level == Consistency::kAll));
  if (stands) turn.settled = event.digest;
  ContinueTurn(key, now, effects);
}

void Coordinator::BeginWriting(Operation& operation, Instant now, Effects& effects) {
  operation.phase = Phase::kWriting;
  operation.quorum = OutcomeQuorum(operation);
  if (operation.moved) operation.settling = ReadQuorum(operation);
  if (operation.stamp.empty() && QUORATE_PLANTED(options_.planted, kUnsettledRead)) {
    return Complete(operation, now, effects);
  }
  for (size_t i = 0; i < operation.start.replicas.size(); ++i) {
    if (i == operation.start.self) continue;
    effects.push_back(WriteReplica{operation.start.id, i, operation.step, operation.cells});
  }
  operation.resends = 0;
  const bool soon = Fires(FaultPoint::kResendAtOnce, operation);
  ScheduleResend(operation, now, soon ? kResendSoon : kResendInterval);
  if (operation.quorum->impossible()) Finish(operation, false, now, effects);
}

void Coordinator::Count(Operation& operation, size_t replica, bool ok) {
  ok ? operation.quorum->Succeed(replica) : operation.quorum->Fail(replica);
  if (!operation.settling.has_value()) return;
  ok ? operation.settling->Succeed(replica) : operation.settling->Fail(replica);
}

void Coordinator::On(const LocallyDurable& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  if (operation == nullptr || operation->step != event.step) return;
  if (operation->phase != Phase::kRepairing && operation->phase != Phase::kWriting) return;
  Count(*operation, operation->start.self, /*ok=*/true);
  if (operation->phase == Phase::kWriting) return JudgeWriting(*operation, now, effects);
  if (operation->quorum->reached()) ExecuteTurn(*operation, now, effects);
}

void Coordinator::On(const WriteAnswered& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  if (operation == nullptr || operation->step != event.step) return;
  if (operation->phase != Phase::kRepairing && operation->phase != Phase::kWriting) return;
  Count(*operation, event.replica, event.ok);
  if (!event.ok) {
    const bool stuck = operation->quorum->impossible() ||
                       (operation->settling.has_value() && operation->settling->impossible());
    if (stuck) Finish(*operation, false, now, effects);
    return;
  }
  operation->highest = std::max(operation->highest, event.highest);
  if (operation->phase == Phase::kWriting) return JudgeWriting(*operation, now, effects);
  if (operation->quorum->reached()) ExecuteTurn(*operation, now, effects);
}

void Coordinator::JudgeWriting(Operation& operation, Instant now, Effects& effects) {
  const bool early =
      QUORATE_PLANTED(options_.planted, kAckBeforeQuorum) && operation.quorum->had() > 0;
  const bool settled = !operation.settling.has_value() || operation.settling->reached();
  if (!(operation.quorum->reached() && settled) && !early) return;
  // Once is enough: whatever was acknowledged before this operation began stands on a replica that
  // has answered by now, and the second stamp is above it.
  const bool may_restamp = operation.restampable && !operation.restamped;
  const bool superseded = operation.highest > operation.stamp;
  if (may_restamp && !QUORATE_PLANTED(options_.planted, kNoRestamp) &&
      (superseded || Fires(FaultPoint::kRestampUnasked, operation))) {
    ++stats_.restamps;
    marks_.Reach(Mark::kRestamped);
    operation.restamped = true;
    ++operation.step;
    effects.push_back(RestampOperation{operation.start.id, operation.cells, operation.stamp,
                                       std::max(operation.highest, operation.stamp),
                                       operation.step});
    return;
  }
  Complete(operation, now, effects);
}

// Its own part is done; it ends when what its reply shows of its predecessor stands, too.
void Coordinator::Complete(Operation& operation, Instant now, Effects& effects) {
  if (Find(operation.predecessor) == nullptr) return Finish(operation, true, now, effects);
  marks_.Reach(Mark::kPredecessorFirst);
  operation.written = true;
  operation.next_resend = Instant::max();
  Arm(operation);
}

void Coordinator::On(const Restamped& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  QUORATE_CHECK(operation != nullptr && operation->phase == Phase::kWriting);
  operation->cells = event.cells;
  operation->stamp = event.stamp;
  BeginWriting(*operation, now, effects);
}

// --- time and ends

void Coordinator::On(const TimePassed&, Instant now, Effects& effects) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Operation* operation = Find(timers_.begin()->second);
    QUORATE_CHECK(operation != nullptr);
    Wake(*operation, now, effects);
  }
}

void Coordinator::Wake(Operation& operation, Instant now, Effects& effects) {
  if (now >= operation.start.deadline) {
    if (QUORATE_PLANTED(options_.planted, kNeverGiveUp)) {
      operation.start.deadline = Instant::max();
      return ScheduleResend(operation, now, kResendInterval * (1 << kResendDoublingsMax));
    }
    const bool anyway =
        QUORATE_PLANTED(options_.planted, kAckAtDeadline) && operation.phase == Phase::kWriting;
    return Finish(operation, anyway, now, effects);
  }
  const int doublings = std::min(operation.resends, kResendDoublingsMax);
  ++operation.resends;
  ++stats_.resends;
  marks_.Reach(Mark::kResent);
  ScheduleResend(operation, now, kResendInterval * (1 << doublings));
  Resend(operation, effects);
}

void Coordinator::Resend(Operation& operation, Effects& effects) {
  if (operation.phase == Phase::kReading) {
    ++stats_.speculative_reads;
    ForgetStalled(operation);
    AskReplicas(operation, /*all=*/true, effects);
    return;
  }
  if (operation.phase != Phase::kRepairing && operation.phase != Phase::kWriting) return;
  for (size_t i = 0; i < operation.start.replicas.size(); ++i) {
    if (i == operation.start.self || operation.quorum->Answered(i)) continue;
    if (operation.phase == Phase::kRepairing && !operation.quorum->Counts(i)) continue;
    effects.push_back(WriteReplica{operation.start.id, i, operation.step, operation.cells});
  }
}

// A replica that gave its digest but not its state must not hold up a read that others can
// complete.
void Coordinator::ForgetStalled(Operation& operation) {
  operation.quorum = ReadQuorum(operation);
  if (operation.start.self_counts) operation.quorum->Succeed(operation.start.self);
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    Answer& answer = operation.answers[i];
    if (answer.state_asked && !answer.state.has_value()) {
      marks_.Reach(Mark::kStalledReplica);
      answer = {};
    }
    if (answer.known && !answer.doubtful) operation.quorum->Succeed(i);
  }
}

void Coordinator::ScheduleResend(Operation& operation, Instant now, Duration delay) {
  operation.next_resend = now + delay;
  Arm(operation);
}

void Coordinator::Arm(Operation& operation) {
  timers_.erase({operation.timer, operation.start.id});
  operation.timer = std::min(operation.start.deadline, operation.next_resend);
  timers_.emplace(operation.timer, operation.start.id);
}

// With an operation end those that waited for it alone; where it failed, all that showed what it
// wrote.
void Coordinator::Finish(Operation& operation, bool ok, Instant now, Effects& effects) {
  std::vector<OperationId> ending = {operation.start.id};
  for (size_t i = 0; i < ending.size(); ++i) {
    Operation& next = *Find(ending[i]);
    for (const OperationId id : next.dependents) {
      Operation* dependent = Find(id);
      if (dependent == nullptr) continue;
      dependent->predecessor = {};
      if (!ok || dependent->written) ending.push_back(id);
    }
    std::string failure;
    if (!ok) failure = FailureText(next, /*followed=*/i > 0, now);
    EndOne(next, ok, std::move(failure), now, effects);
  }
}

void Coordinator::EndOne(Operation& operation, bool ok, std::string failure, Instant now,
                         Effects& effects) {
  const OperationId id = operation.start.id;
  if (!ok && !operation.start.yields) ++stats_.failures;
  if (!ok && !operation.start.yields) marks_.Reach(Mark::kQuorumFailed);
  const bool executed = !ok && operation.phase == Phase::kWriting && !operation.stamp.empty();
  if (operation.phase < Phase::kExecuting) AbandonTurn(operation, now, effects);
  timers_.erase({operation.timer, id});
  operations_.erase(id);
  effects.push_back(OperationFinished{id, ok, executed, std::move(failure)});
}

// `followed`: it failed because one did whose writing its reply shows.
std::string Coordinator::FailureText(const Operation& operation, bool followed, Instant now) const {
  const bool writing = operation.phase == Phase::kWriting && !operation.stamp.empty();
  const Consistency level = writing ? operation.start.write : operation.start.read;
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - operation.started);
  const char* const ending = writing ? "the outcome is unknown" : "nothing was changed";
  if (followed) {
    return Format("NOQUORUM an operation on the key that this one followed failed, in %d ms; %s",
                  waited.count(), ending);
  }
  const bool unsettled = operation.settling.has_value() && !operation.settling->reached();
  const std::string counts = operation.quorum.has_value()
                                 ? (unsettled ? *operation.settling : *operation.quorum).Describe()
                                 : std::string("another operation on the key took its turn");
  return Format("NOQUORUM %s %s: %s in %d ms; %s", std::string(topology::NameOf(level)),
                writing ? "write" : "read", counts, waited.count(), ending);
}

void Coordinator::CheckInvariants() const {
  QUORATE_CHECK(timers_.size() == operations_.size());
  for (const auto& [id, operation] : operations_) {
    QUORATE_CHECK(id == operation.start.id);
    QUORATE_CHECK(timers_.contains({operation.timer, id}));
    QUORATE_CHECK(operation.timer <= operation.start.deadline);
    QUORATE_CHECK(operation.phase == Phase::kWaiting || operation.phase == Phase::kExecuting ||
                  operation.quorum.has_value());
    if (operation.phase == Phase::kReading || operation.phase == Phase::kRepairing) {
      QUORATE_CHECK(turns_.at(KeyOf(operation)).current == id);
    }
    QUORATE_CHECK(!operation.written || operations_.contains(operation.predecessor));
  }
  for (const auto& [key, turn] : turns_) {
    QUORATE_CHECK(operations_.contains(turn.current));
    for (const OperationId id : turn.followers) {
      QUORATE_CHECK(operations_.at(id).phase == Phase::kWaiting);
    }
    for (const OperationId id : turn.waiting) {
      QUORATE_CHECK(operations_.at(id).phase == Phase::kWaiting);
    }
  }
}

}  // namespace quorate::dynamo
