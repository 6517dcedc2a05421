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
  operation.answers.resize(event.replicas.size());
  if (event.needs_read) {
    Quorum local = ReadQuorum(operation);
    if (event.self_counts) local.Succeed(event.self);
    operation.start.needs_read = !local.reached();
  }
  Arm(operation);
  const auto turn = turns_.find(KeyOf(operation));
  if (turn != turns_.end()) {
    if (turn->second.waiting.size() >= kWaitersPerKeyMax)
      return Finish(operation, false, now, effects);
    turn->second.waiting.push_back(event.id);
    return;
  }
  if (!operation.start.needs_read) return BeginExecution(operation, now, effects);
  turns_[KeyOf(operation)].reading = event.id;
  BeginReading(operation, now, effects);
}

// The lead's read is done: it and those that share its read execute, in order of arrival.
void Coordinator::ExecuteLead(Operation& lead, Instant now, Effects& effects) {
  const KeyId key = KeyOf(lead);
  const std::vector<OperationId> followers = std::exchange(lead.followers, {});
  BeginExecution(lead, now, effects);
  for (const OperationId follower : followers) BeginExecution(*Find(follower), now, effects);
  AdvanceTurn(key, now, effects);
}

void Coordinator::AdvanceTurn(const KeyId& key, Instant now, Effects& effects) {
  Turn& turn = turns_.at(key);
  while (!turn.waiting.empty()) {
    Operation& lead = *Find(turn.waiting.front());
    turn.waiting.pop_front();
    if (!lead.start.needs_read) {
      BeginExecution(lead, now, effects);
      continue;
    }
    turn.reading = lead.start.id;
    while (!turn.waiting.empty()) {
      const Operation& next = *Find(turn.waiting.front());
      if (next.start.needs_read && next.start.read != lead.start.read) break;
      lead.followers.push_back(next.start.id);
      turn.waiting.pop_front();
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
  if (turn.reading == id) {
    turn.waiting.insert(turn.waiting.begin(), operation.followers.begin(),
                        operation.followers.end());
    return AdvanceTurn(at->first, now, effects);
  }
  std::erase(turn.waiting, id);
  std::erase(Find(turn.reading)->followers, id);
}

// --- reading

Quorum Coordinator::ReadQuorum(const Operation& operation) const {
  const OperationStarted& start = operation.start;
  const Consistency level = QUORATE_PLANTED(planted_, kReadFewer) ? Consistency::kOne : start.read;
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
  AskReplicas(operation, /*all=*/false, effects);
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
  if (agree) return ExecuteLead(operation, now, effects);
  ++stats_.read_repairs;
  operation.phase = Phase::kRepairing;
  ++operation.step;
  effects.push_back(MergeState{operation.start.id, std::move(states), operation.step});
}

void Coordinator::BeginRepair(Operation& operation, const StateInspected& merged, Instant now,
                              Effects& effects) {
  operation.quorum = ReadQuorum(operation);
  operation.cells = merged.state;
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    const Answer& answer = operation.answers[i];
    if (i == operation.start.self || !answer.known) continue;
    if (answer.digest == merged.digest) {
      operation.quorum->Succeed(i);
    } else {
      effects.push_back(WriteReplica{operation.start.id, i, operation.step, operation.cells});
    }
  }
  if (operation.quorum->reached()) return ExecuteLead(operation, now, effects);
  ScheduleResend(operation, now, kResendInterval);
}

// --- execution and writing

// Out of its turn and past its deadline, an operation is not executed any more.
void Coordinator::BeginExecution(Operation& operation, Instant now, Effects& effects) {
  operation.phase = Phase::kExecuting;
  if (now >= operation.start.deadline) return Finish(operation, false, now, effects);
  operation.next_resend = Instant::max();
  Arm(operation);
  ++operation.step;
  effects.push_back(ExecuteOperation{operation.start.id, operation.step});
}

void Coordinator::On(const OperationExecuted& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  QUORATE_CHECK(operation != nullptr && operation->phase == Phase::kExecuting);
  if (event.cells.empty()) return Finish(*operation, true, now, effects);
  operation->cells = event.cells;
  operation->stamp = event.stamp;
  operation->restampable = event.restampable;
  operation->highest = event.held;
  BeginWriting(*operation, now, effects);
}

void Coordinator::BeginWriting(Operation& operation, Instant now, Effects& effects) {
  operation.phase = Phase::kWriting;
  operation.quorum = WriteQuorum(operation);
  for (size_t i = 0; i < operation.start.replicas.size(); ++i) {
    if (i == operation.start.self) continue;
    effects.push_back(WriteReplica{operation.start.id, i, operation.step, operation.cells});
  }
  operation.resends = 0;
  ScheduleResend(operation, now, kResendInterval);
  if (operation.quorum->impossible()) Finish(operation, false, now, effects);
}

void Coordinator::On(const LocallyDurable& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  if (operation == nullptr || operation->step != event.step) return;
  if (operation->phase != Phase::kRepairing && operation->phase != Phase::kWriting) return;
  operation->quorum->Succeed(operation->start.self);
  if (operation->phase == Phase::kWriting) return JudgeWriting(*operation, now, effects);
  if (operation->quorum->reached()) ExecuteLead(*operation, now, effects);
}

void Coordinator::On(const WriteAnswered& event, Instant now, Effects& effects) {
  Operation* operation = Find(event.id);
  if (operation == nullptr || operation->step != event.step) return;
  if (operation->phase != Phase::kRepairing && operation->phase != Phase::kWriting) return;
  if (!event.ok) {
    operation->quorum->Fail(event.replica);
    if (operation->quorum->impossible()) Finish(*operation, false, now, effects);
    return;
  }
  operation->quorum->Succeed(event.replica);
  operation->highest = std::max(operation->highest, event.highest);
  if (operation->phase == Phase::kWriting) return JudgeWriting(*operation, now, effects);
  if (operation->quorum->reached()) ExecuteLead(*operation, now, effects);
}

void Coordinator::JudgeWriting(Operation& operation, Instant now, Effects& effects) {
  const bool early = QUORATE_PLANTED(planted_, kAckBeforeQuorum) && operation.quorum->had() > 0;
  if (!operation.quorum->reached() && !early) return;
  const bool superseded = operation.highest > operation.stamp;
  // Once is enough: whatever was acknowledged before this operation began stands on a replica that
  // has answered by now, and the second stamp is above it.
  if (superseded && operation.restampable && !operation.restamped &&
      !QUORATE_PLANTED(planted_, kNoRestamp)) {
    ++stats_.restamps;
    operation.restamped = true;
    ++operation.step;
    effects.push_back(RestampOperation{operation.start.id, operation.cells, operation.stamp,
                                       operation.highest, operation.step});
    return;
  }
  Finish(operation, true, now, effects);
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
  if (now >= operation.start.deadline) return Finish(operation, false, now, effects);
  const int doublings = std::min(operation.resends, kResendDoublingsMax);
  ++operation.resends;
  ++stats_.resends;
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
    if (answer.state_asked && !answer.state.has_value()) answer = {};
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

void Coordinator::Finish(Operation& operation, bool ok, Instant now, Effects& effects) {
  const OperationId id = operation.start.id;
  OperationFinished finished{id, ok, false, {}};
  if (!ok) {
    ++stats_.failures;
    finished.executed = operation.phase == Phase::kWriting;
    finished.failure = FailureText(operation, now);
  }
  if (operation.phase < Phase::kExecuting) AbandonTurn(operation, now, effects);
  timers_.erase({operation.timer, id});
  operations_.erase(id);
  effects.push_back(std::move(finished));
}

std::string Coordinator::FailureText(const Operation& operation, Instant now) const {
  const bool writing = operation.phase == Phase::kWriting;
  const Consistency level = writing ? operation.start.write : operation.start.read;
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - operation.started);
  const std::string counts = operation.quorum.has_value()
                                 ? operation.quorum->Describe()
                                 : std::string("another operation on the key took its turn");
  return Format("NOQUORUM %s %s: %s in %d ms; %s", std::string(topology::NameOf(level)),
                writing ? "write" : "read", counts, waited.count(),
                writing ? "the outcome is unknown" : "nothing was changed");
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
      QUORATE_CHECK(turns_.at(KeyOf(operation)).reading == id);
    }
  }
  for (const auto& [key, turn] : turns_) {
    QUORATE_CHECK(operations_.contains(turn.reading));
    for (const OperationId id : turn.waiting) {
      QUORATE_CHECK(operations_.at(id).phase == Phase::kWaiting);
    }
  }
}

}  // namespace quorate::dynamo
