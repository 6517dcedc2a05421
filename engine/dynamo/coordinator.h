// SPDX-License-Identifier: Apache-2.0
// The coordinator of a dynamo pool at a replica: quorum reads, execution, quorum writes.
//
// An operation is one command on one key. Its life:
//   reading    replicas are asked for the digest of their state; those that differ, for the state
//              itself; states are merged into the local one
//   repairing  the merged state is written to replicas until it stands on a read quorum, so that no
//              later quorum read can go back behind this one
//   execution  at one instant, against the local state. Where others have changed that since the
//              read, the reply shows more than stands on a quorum: then all of the state is written
//              until it does
//   writing    its cells go to all replicas; answers carry the highest version each holds. Where
//              one is above the mutation's, it is stamped again and written once more, so that it
//              supersedes all that was acknowledged before it began
// Commands that read nothing, and levels that the local copy alone satisfies, skip the first two.
// Operations on one key take their turn through the first three steps in order of arrival; those
// that wait together share one read. Each of these shows what the one before it wrote, so it ends
// only after that one.
//
// Pure: events in, effects out. Messages may be lost, repeated and late: what is not of the current
// step is ignored. Source: [Dynamo] 4.5 to 4.7; ABD (Attiya, Bar-Noy, Dolev 1995) for the
// write-back.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/fault_point.h"
#include "engine/base/footprint.h"
#include "engine/base/mark.h"
#include "engine/base/planted_bug.h"
#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/dynamo/quorum.h"

namespace quorate::dynamo {

struct OperationId {
  uint64_t value = 0;
  friend auto operator<=>(const OperationId&, const OperationId&) = default;
};

// --- events

struct OperationStarted {
  OperationId id;
  Place place;
  Bytes key;
  std::vector<Replica> replicas;  // the preference list
  size_t self = 0;                // this node's index in it
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  bool needs_read = false;
  bool self_counts = true;  // false: the local copy may have lost acknowledged writes
  bool yields = false;      // in the background: fails as soon as another wants the key's turn
  Instant deadline;
  Duration speculative_delay{};
};
// The local state, asked for by an InspectState effect or changed by MergeState.
struct StateInspected {
  OperationId id;
  uint64_t digest = 0;
  Bytes state;  // only after MergeState
};
// The local state is as durable as the pool wants.
struct LocallyDurable {
  OperationId id;
  uint32_t step = 0;
};
struct ReadAnswered {
  OperationId id;
  size_t replica = 0;
  bool ok = false;
  uint64_t digest = 0;
  std::optional<Bytes> state;
  bool doubtful = false;  // its copy may have lost acknowledged writes: merged, but not counted
};
// The answer to an Execute effect.
struct OperationExecuted {
  OperationId id;
  Bytes cells;    // empty: nothing to write
  Version stamp;  // empty: the command changed nothing
  bool restampable = false;
  Version held;  // the highest version the local copy now has where the cells were written
  // The local state was not the expected one: `cells` are then all of the state after execution.
  bool moved = false;
  uint64_t digest = 0;  // of the state after execution, where it was asked for
};
struct WriteAnswered {
  OperationId id;
  size_t replica = 0;
  uint32_t step = 0;
  bool ok = false;
  Version highest;
};
// The answer to a Restamp effect.
struct Restamped {
  OperationId id;
  Bytes cells;
  Version stamp;
};
struct TimePassed {};  // NextDeadline() was reached

using Event = std::variant<OperationStarted, StateInspected, LocallyDurable, ReadAnswered,
                           OperationExecuted, WriteAnswered, Restamped, TimePassed>;

// --- effects, to be carried out in order

struct AskReplica {
  OperationId id;
  size_t replica = 0;
  bool want_state = false;
};
struct InspectState {  // answer with StateInspected, at once
  OperationId id;
};
struct MergeState {  // merge into the local copy, then answer with StateInspected incl. state, at
                     // once;
  OperationId id;    // and with LocallyDurable{step} when it is durable
  Bytes state;
  uint32_t step = 0;
};
struct ExecuteOperation {  // answer with OperationExecuted, at once; and LocallyDurable{step}
  OperationId id;
  uint32_t step = 0;
  std::optional<uint64_t> expected;  // the digest of the state that stands on the read quorum
  bool wants_digest = false;
};
struct WriteReplica {
  OperationId id;
  size_t replica = 0;
  uint32_t step = 0;
  Bytes cells;
};
struct RestampOperation {  // stamp above `above`, apply; answer Restamped at once and
                           // LocallyDurable{step}
  OperationId id;
  Bytes cells;
  Version from;
  Version above;
  uint32_t step = 0;
};
struct OperationFinished {
  OperationId id;
  bool ok = false;
  bool executed = false;  // where not ok: whether it may have been executed
  std::string failure;    // for the client
};

using Effect = std::variant<AskReplica, InspectState, MergeState, ExecuteOperation, WriteReplica,
                            RestampOperation, OperationFinished>;

struct CoordinatorOptions {
  // Operations of one key that wait for the read phase of the one before. Beyond, they are refused.
  size_t waiters_per_key_max = 10'000;
  PlantedBug planted = PlantedBug::kNone;
  FaultPoints points;
  uint64_t seed = 0;  // of the points
};

class Coordinator {
 public:
  explicit Coordinator(const CoordinatorOptions& options = {}) : options_(options) {}

  // Runs one event to its end and appends what it brings about. Effects that must be answered "at
  // once" are answered by a Step before any other event of the same operation.
  void Step(const Event& event, Instant now, std::vector<Effect>& effects);

  [[nodiscard]] Instant NextDeadline() const;
  [[nodiscard]] size_t operations() const { return operations_.size(); }
  // True while an operation on the key has not been executed: others must queue behind it.
  [[nodiscard]] bool Busy(Place place, std::string_view key) const;

  struct Stats {
    uint64_t read_repairs = 0;
    uint64_t restamps = 0;
    uint64_t settled = 0;  // replies that showed a state which did not yet stand on a quorum
    uint64_t failures = 0;
    uint64_t speculative_reads = 0;
    uint64_t resends = 0;
  };
  [[nodiscard]] const Stats& stats() const { return stats_; }
  [[nodiscard]] const Marks& marks() const { return marks_; }
  void AddTo(Footprint& footprint) const { footprint.Add(operations_, timers_); }

  // Aborts where an invariant is broken: every waiting operation has one ahead of it, every timer
  // an operation, every operation a deadline.
  void CheckInvariants() const;

  // The whole state, so that a recording or a snapshot goes on elsewhere: a coordinator that Load
  // was called on has the same next effects. DataLoss for bytes that Save did not write; the state
  // is then undefined.
  // `hides`: values become stand-ins.
  void Save(Bytes& out, bool hides = false) const;
  absl::Status Load(std::string_view bytes);

 private:
  enum class Phase : uint8_t { kWaiting, kReading, kRepairing, kExecuting, kWriting };

  struct Answer {
    bool known = false;
    bool doubtful = false;
    bool asked = false;
    bool state_asked = false;
    uint64_t digest = 0;
    std::optional<Bytes> state;
  };
  struct Operation {
    OperationStarted start;
    Phase phase = Phase::kWaiting;
    uint32_t step = 0;  // rises with every round of writes: answers to earlier ones are ignored
    std::optional<Quorum> quorum;
    std::vector<Answer> answers;  // of the read, by replica
    uint64_t local_digest = 0;
    bool inspected = false;
    Bytes cells;
    Version stamp;
    Version highest;
    bool restampable = false;
    bool restamped = false;
    bool moved = false;                   // the reply shows a state that did not stand on a quorum
    std::optional<Quorum> settling;       // where moved: the read level, reached before it is shown
    bool written = false;                 // all done but for the predecessor
    OperationId predecessor;              // whose writing this one's reply shows; 0: none
    std::vector<OperationId> dependents;  // whose predecessor this one is
    Instant started;
    Instant next_resend = Instant::max();
    int resends = 0;
    Instant timer;  // when it is in timers_
  };
  using KeyId = std::pair<Place, Bytes>;
  struct Turn {
    OperationId current;  // reads, repairs or executes
    topology::Consistency read = topology::Consistency::kLocalQuorum;
    // The digest of the state that stands on the read quorum, or will before the operation ends
    // that has just executed.
    uint64_t settled = 0;
    // Mostly empty, and then they take no memory.
    std::list<OperationId> followers;  // share the read
    std::list<OperationId> waiting;
  };
  using Effects = std::vector<Effect>;

  void On(const OperationStarted& event, Instant now, Effects& effects);
  void On(const StateInspected& event, Instant now, Effects& effects);
  void On(const LocallyDurable& event, Instant now, Effects& effects);
  void On(const ReadAnswered& event, Instant now, Effects& effects);
  void On(const OperationExecuted& event, Instant now, Effects& effects);
  void On(const WriteAnswered& event, Instant now, Effects& effects);
  void On(const Restamped& event, Instant now, Effects& effects);
  void On(const TimePassed& event, Instant now, Effects& effects);

  Operation* Find(OperationId id);
  [[nodiscard]] static KeyId KeyOf(const Operation& operation) {
    return {operation.start.place, operation.start.key};
  }
  static void SaveOperation(const Operation& operation, Bytes& out, bool hides);
  absl::Status LoadOperation(ByteReader& reader);
  void BeginReading(Operation& operation, Instant now, Effects& effects);
  void AskReplicas(Operation& operation, bool all, Effects& effects);
  void JudgeReading(Operation& operation, Instant now, Effects& effects);
  void BeginRepair(Operation& operation, const StateInspected& merged, Instant now,
                   Effects& effects);
  bool BeginExecution(Operation& operation, const Turn* turn, Instant now, Effects& effects);
  void ExecuteTurn(Operation& lead, Instant now, Effects& effects);
  void ContinueTurn(const KeyId& key, Instant now, Effects& effects);
  void AdvanceTurn(const KeyId& key, Instant now, Effects& effects);
  void AbandonTurn(Operation& operation, Instant now, Effects& effects);
  void BeginWriting(Operation& operation, Instant now, Effects& effects);
  void JudgeWriting(Operation& operation, Instant now, Effects& effects);
  void Complete(Operation& operation, Instant now, Effects& effects);
  void Finish(Operation& operation, bool ok, Instant now, Effects& effects);
  void EndOne(Operation& operation, bool ok, std::string failure, Instant now, Effects& effects);
  void Wake(Operation& operation, Instant now, Effects& effects);
  void Resend(Operation& operation, Effects& effects);
  void ForgetStalled(Operation& operation);
  void Arm(Operation& operation);
  void ScheduleResend(Operation& operation, Instant now, Duration delay);
  [[nodiscard]] std::string FailureText(const Operation& operation, bool followed,
                                        Instant now) const;
  [[nodiscard]] static bool EnoughRead(const Operation& operation);
  [[nodiscard]] Quorum ReadQuorum(const Operation& operation) const;
  [[nodiscard]] Quorum WriteQuorum(const Operation& operation) const;
  // Of what has been executed: the write level, or the read level where nothing was changed.
  [[nodiscard]] Quorum OutcomeQuorum(const Operation& operation) const {
    return operation.stamp.empty() ? ReadQuorum(operation) : WriteQuorum(operation);
  }
  static void Count(Operation& operation, size_t replica, bool ok);

  // Whether a point fires in the current step of an operation.
  [[nodiscard]] bool Fires(FaultPoint point, const Operation& operation) {
    return options_.points.Fires(point, options_.seed,
                                 operation.start.id.value << 8 | operation.step, marks_);
  }

  const CoordinatorOptions options_;
  std::map<OperationId, Operation> operations_;
  std::map<KeyId, Turn> turns_;
  std::set<std::pair<Instant, OperationId>> timers_;
  Stats stats_;
  Marks marks_;
};

}  // namespace quorate::dynamo
