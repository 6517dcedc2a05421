// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/abstract_state.h"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string_view>

#include "engine/hash/digest.h"

namespace quorate::sim {
namespace {

// Events between looks; and where there are many nodes, each of which is looked at, so many for
// each.
constexpr uint64_t kLookEvents = 256;
constexpr uint64_t kLookEventsOfNode = 64;
constexpr uint64_t kStateSeed = 0x7374617465;

static_assert(kMarks <= 64);

uint64_t Times(const Marks& marks, std::initializer_list<Mark> which) {
  uint64_t times = 0;
  for (const Mark mark : which) times += marks.times(mark);
  return times;
}

void RaiseTo(uint8_t& part, uint64_t count) { part = std::max(part, AmountOf(count)); }

}  // namespace

uint8_t BucketOf(uint64_t count) {
  if (count <= 2) return static_cast<uint8_t>(count);
  return static_cast<uint8_t>(1 + std::bit_width(count - 1));
}

uint8_t AmountOf(uint64_t count) {
  constexpr uint64_t kFew = 4, kSome = 32;
  if (count == 0) return 0;
  return count <= kFew ? 1 : count <= kSome ? 2 : 3;
}

uint64_t AbstractState::Hash() const {
  return hash::Digest(std::string_view(reinterpret_cast<const char*>(parts.data()), parts.size()),
                      kStateSeed);
}

StateWatch::FaultClass StateWatch::ClassOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kPartition:
    case FaultKind::kOneWayCut:
    case FaultKind::kClog:
    case FaultKind::kHalfOpen:
      return FaultClass::kCut;
    case FaultKind::kLoss:
    case FaultKind::kDuplication:
    case FaultKind::kDelay:
    case FaultKind::kLate:
    case FaultKind::kCorruption:
    case FaultKind::kBandwidth:
    case FaultKind::kOtherRelease:
      return FaultClass::kUnreliable;
    case FaultKind::kDiskStall:
    case FaultKind::kDiskFull:
    case FaultKind::kCommitError:
    case FaultKind::kSyncError:
    case FaultKind::kReadError:
    case FaultKind::kBitRot:
    case FaultKind::kMisdirection:
    case FaultKind::kLostSync:
    case FaultKind::kDiskSwap:
    case FaultKind::kRollback:
    case FaultKind::kWipe:
    case FaultKind::kDroppedWrite:
      return FaultClass::kStorage;
    case FaultKind::kClockOffset:
    case FaultKind::kClockDrift:
    case FaultKind::kClockJump:
    case FaultKind::kWallFreeze:
    case FaultKind::kMonotonicFreeze:
    case FaultKind::kMonotonicJump:
      return FaultClass::kClock;
    case FaultKind::kPause:
    case FaultKind::kSlowCpu:
      return FaultClass::kSlow;
    case FaultKind::kCrash:
    case FaultKind::kStop:
      return FaultClass::kOther;  // their nodes are down
  }
  return FaultClass::kOther;
}

void StateWatch::RunBegan(const WorldView& world) {
  world_ = &world;
  look_events_ = std::max(kLookEvents, kLookEventsOfNode * world.nodes());
  look_at_ = look_events_;
}

void StateWatch::Happened(const WorldEvent& event) {
  ++events_;
  due_ = due_ || events_ >= look_at_ || event.kind == EventKind::kNodeCrashed ||
         event.kind == EventKind::kNodeStarted || event.kind == EventKind::kNodeStopped;
}

void StateWatch::Began(const FaultBegan& began) {
  ++in_force_[static_cast<size_t>(ClassOf(began.fault.kind))];
  due_ = true;
}

void StateWatch::Ended(const FaultEnded& ended) {
  uint32_t& of_class = in_force_[static_cast<size_t>(ClassOf(ended.fault.kind))];
  of_class -= std::min(of_class, 1U);
  due_ = true;
}

void StateWatch::LookAt(const node::Shard& shard, AbstractState& state, Happenings& happened,
                        Marks& marks) {
  const node::Shard::Stats stats = shard.stats();
  RaiseTo(state[StatePart::kOperations], stats.operations_in_flight);
  RaiseTo(state[StatePart::kSuspects], stats.suspects);
  const Marks of_shard = shard.marks();
  marks.Add(of_shard);
  const auto count = [&](StatePart part, uint64_t times) {
    happened[static_cast<size_t>(part)] += times;
  };
  count(StatePart::kMerged,
        stats.read_repairs + Times(of_shard, {Mark::kReadRepaired, Mark::kDoubtfulCopy}));
  count(StatePart::kRestamped, stats.restamps);
  count(StatePart::kNoQuorum, stats.quorum_failures);
  count(StatePart::kHandedOn,
        Times(of_shard, {Mark::kOtherCandidate, Mark::kEveryoneAsked, Mark::kPartTimedOut}));
  count(StatePart::kAskedAgain,
        Times(of_shard, {Mark::kResent, Mark::kCopyIgnored, Mark::kStalledReplica}));
  count(StatePart::kOtherLives,
        Times(of_shard, {Mark::kOtherLife, Mark::kRestartedReplica, Mark::kIntroduced}));
  count(StatePart::kDeleted,
        stats.expired + Times(of_shard, {Mark::kReapStarted, Mark::kEvicted, Mark::kReapYielded}));
  count(StatePart::kRefused,
        Times(of_shard, {Mark::kOutOfMemory, Mark::kUnstoredRefused, Mark::kStorageFailedHere,
                         Mark::kLateOperation, Mark::kExpiredRequest, Mark::kTakenForgotten}));
}

AbstractState StateWatch::Look() {
  due_ = false;
  look_at_ = events_ + look_events_;
  AbstractState state;
  Happenings happened{};
  Marks marks;
  uint64_t down = 0, frozen = 0, loading = 0, ailing = 0;
  for (uint32_t i = 0; i < world_->nodes(); ++i) {
    const NodeIndex node{i};
    if (world_->frozen(node)) ++frozen;
    bool loads = false, ails = false, up = false;
    for (uint16_t index = 0; index < world_->shards(node); ++index) {
      const node::Shard* const shard = world_->shard(node, index);
      if (shard == nullptr) continue;
      up = true;
      loads = loads || shard->loading();
      ails = ails || shard->disk_full() || !shard->health().ok();
      LookAt(*shard, state, happened, marks);
    }
    if (!up) ++down;
    if (loads) ++loading;
    if (ails) ++ailing;
  }
  state[StatePart::kPhase] = static_cast<uint8_t>(world_->phase());
  state[StatePart::kDown] = BucketOf(down);
  state[StatePart::kFrozen] = BucketOf(frozen);
  state[StatePart::kLoading] = BucketOf(loading);
  state[StatePart::kAiling] = BucketOf(ailing);
  const auto in_force = [&](FaultClass of) { return BucketOf(in_force_[static_cast<size_t>(of)]); };
  state[StatePart::kCuts] = in_force(FaultClass::kCut);
  state[StatePart::kUnreliable] = in_force(FaultClass::kUnreliable);
  state[StatePart::kStorageFaults] = in_force(FaultClass::kStorage);
  state[StatePart::kClockFaults] = in_force(FaultClass::kClock);
  state[StatePart::kSlowness] = in_force(FaultClass::kSlow);
  state[StatePart::kMessages] = AmountOf(world_->messages_in_flight());
  state[StatePart::kCommits] = AmountOf(world_->commits_in_flight());
  state[StatePart::kRequests] = AmountOf(world_->operations_in_flight());
  // A life that ended takes its counts with it: then nothing is known of the time since.
  constexpr auto kFirstHappening = static_cast<size_t>(StatePart::kMerged);
  for (size_t part = kFirstHappening; part < kStateParts; ++part) {
    state.parts[part] = happened[part] > before_[part] ? 1 : 0;
  }
  before_ = happened;
  first_marks_.clear();
  for (size_t i = 0; i < kMarks; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    if ((met_ & bit) != 0 || marks.times(static_cast<Mark>(i)) == 0) continue;
    met_ |= bit;
    first_marks_.push_back(static_cast<Mark>(i));
  }
  return state;
}

}  // namespace quorate::sim
