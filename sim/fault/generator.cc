// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/generator.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "engine/base/check.h"
#include "engine/wire/message.h"
#include "sim/core/draw.h"
#include "sim/fault/limits.h"

namespace quorate::sim {
namespace {

enum class Aim : uint8_t { kPreferenceList, kRack, kNode };
constexpr uint64_t kAims = 3;
constexpr uint64_t kFaultsPerEpisodeMax = 4;

// Faults of one episode begin within this part of its length.
constexpr int64_t kStaggerShare = 3;

// How long a process is down at least, and at most where it is started again at once.
constexpr Duration kRestartMin = 2ms;
constexpr Duration kQuickRestartMax = 120ms;

// A start lasts as long as what it loads, so relapses come after times of every magnitude: within
// one whose logarithm is drawn, in microseconds.
constexpr uint64_t kRelapseWithinBitsMin = 4;
constexpr uint64_t kRelapseWithinBitsMax = 14;

// In less time nothing begins to stay.
constexpr Duration kRoomToStay = 1ms;
// What a list loses for good it loses in the last part of the time.
constexpr int64_t kLostShare = 4;

class Generator {
 public:
  Generator(uint64_t seed, const FaultPlan& plan, const FaultAtlas& atlas)
      : plan_(plan),
        atlas_(atlas),
        prng_(Draw(seed, Purpose::kFaultEpisode)),
        lost_prng_(Draw(seed, Purpose::kFaultEpisode, 1)),
        relapse_prng_(Draw(seed, Purpose::kFaultEpisode, 2)) {}

  Schedule Run() {
    Schedule schedule{.nodes = atlas_.nodes(), .faults = {}};
    const uint64_t total = std::accumulate(plan_.weights.begin(), plan_.weights.end(), uint64_t{0});
    if (total == 0 || atlas_.nodes() == 0) return schedule;
    const bool has_room = plan_.until - plan_.from >= kRoomToStay;
    if (has_room) AddStaying();
    for (int failures = 0; faults_.size() < plan_.faults && failures < kPlacementAttemptsMax;) {
      failures = AddEpisode(total) ? 0 : failures + 1;
    }
    for (uint32_t i = 0; has_room && i < plan_.lost_lists; ++i) AddLostList();
    AddRelapses();
    std::sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
      return a.from != b.from ? a.from < b.from : a.id < b.id;
    });
    schedule.faults = std::move(faults_);
    return schedule;
  }

 private:
  bool AddEpisode(uint64_t total);
  FaultKind ChooseKind(uint64_t total);
  std::vector<uint32_t> ChooseAim();
  std::vector<uint32_t> ChooseTargets(FaultKind kind, const std::vector<uint32_t>& aim);
  std::vector<uint32_t> WholeSite();
  [[nodiscard]] std::vector<uint32_t> EveryNode() const;
  std::vector<uint32_t> AnyPart(std::vector<uint32_t> nodes, size_t count);
  void Fill(Fault& fault);
  void FillLater(Fault& fault);
  void FillCut(Fault& fault);
  void FillCrash(Fault& fault, Prng& prng);
  bool AddSwizzle(SimTime begin, Duration length);
  void AddStaying();
  void AddLostList();
  void AddRelapses();
  Fault Relapse(const Fault& first);
  [[nodiscard]] Fault Staying(uint32_t node, SimTime earliest, Prng& prng) const;
  std::vector<uint32_t> AnySiteOfList();
  [[nodiscard]] bool MeetsItsLike(const Fault& fault) const;
  [[nodiscard]] bool Allowed(const Fault& fault) const;
  [[nodiscard]] bool Counts(const Fault& fault) const;

  static Duration Between(Duration low, Duration high, Prng& prng) {
    return Duration(static_cast<int64_t>(
        prng.Between(static_cast<uint64_t>(low.count()), static_cast<uint64_t>(high.count()))));
  }
  Duration Between(Duration low, Duration high) { return Between(low, high, prng_); }

  const FaultPlan& plan_;
  const FaultAtlas& atlas_;
  Prng prng_;
  // Their own, so that all else is as it would be without.
  Prng lost_prng_;
  Prng relapse_prng_;
  [[nodiscard]] uint32_t Weight(FaultKind kind) const {
    return plan_.weights[static_cast<size_t>(kind)];
  }
  std::vector<Fault> faults_;
  std::vector<uint32_t> staying_;  // rising
};

FaultKind Generator::ChooseKind(uint64_t total) {
  uint64_t draw = prng_.Below(total);
  size_t kind = 0;
  while (draw >= plan_.weights[kind]) draw -= plan_.weights[kind++];
  return static_cast<FaultKind>(kind);
}

std::vector<uint32_t> Generator::ChooseAim() {
  const Aim aim = static_cast<Aim>(prng_.Below(kAims));
  const uint32_t node = static_cast<uint32_t>(prng_.Below(atlas_.nodes()));
  switch (aim) {
    case Aim::kPreferenceList: {
      const std::span<const uint32_t> list = atlas_.NodesOf(prng_.Below(atlas_.lists()));
      return {list.begin(), list.end()};
    }
    case Aim::kRack: {
      std::vector<uint32_t> nodes;
      for (uint32_t i = 0; i < atlas_.nodes(); ++i) {
        if (atlas_.rack(i) == atlas_.rack(node)) nodes.push_back(i);
      }
      return nodes;
    }
    case Aim::kNode:
      break;
  }
  return {node};
}

// `count` of the nodes, rising.
std::vector<uint32_t> Generator::AnyPart(std::vector<uint32_t> nodes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    std::swap(nodes[i], nodes[i + prng_.Below(nodes.size() - i)]);
  }
  nodes.resize(count);
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

std::vector<uint32_t> Generator::ChooseTargets(FaultKind kind, const std::vector<uint32_t>& aim) {
  if (kind == FaultKind::kDiskSwap) return AnyPart(EveryNode(), 2);
  if (plan_.shapes && kind == FaultKind::kPartition && prng_.Chance(1, 4)) return WholeSite();
  const size_t count = 1 + prng_.Below(aim.size());
  if (kind == FaultKind::kPartition && plan_.halves && prng_.Chance(1, 3)) {
    return AnyPart(EveryNode(), 1 + prng_.Below(std::max<uint64_t>(1, atlas_.nodes() / 2)));
  }
  return AnyPart(aim, count);
}

// All nodes of a rack or of a data centre.
std::vector<uint32_t> Generator::WholeSite() {
  const auto node = static_cast<uint32_t>(prng_.Below(atlas_.nodes()));
  const bool rack = prng_.Chance(1, 2);
  std::vector<uint32_t> nodes;
  for (uint32_t i = 0; i < atlas_.nodes(); ++i) {
    if (rack ? atlas_.rack(i) == atlas_.rack(node)
             : atlas_.data_centre(i) == atlas_.data_centre(node)) {
      nodes.push_back(i);
    }
  }
  return nodes;
}

void Generator::Fill(Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kLoss:
    case FaultKind::kDuplication:
      fault.chance_ppm = static_cast<uint32_t>(prng_.Between(20'000, 400'000));
      break;
    case FaultKind::kDelay:
      fault.chance_ppm = static_cast<uint32_t>(prng_.Between(50'000, 500'000));
      fault.amount = Between(plan_.delay_max / 20, plan_.delay_max);
      break;
    case FaultKind::kDiskStall:
      fault.amount = Between(plan_.stall_max / 20, plan_.stall_max);
      break;
    case FaultKind::kClockOffset:
    case FaultKind::kClockJump: {
      const Duration amount = Between(plan_.clock_offset_max / 50, plan_.clock_offset_max);
      fault.amount = prng_.Chance(1, 2) ? amount : -amount;
      break;
    }
    case FaultKind::kClockDrift: {
      const auto bound = static_cast<uint64_t>(plan_.drift_ppm_max);
      const auto ppm = static_cast<int32_t>(prng_.Between(bound / 20 + 1, bound + 1));
      fault.drift_ppm = prng_.Chance(1, 2) ? ppm : -ppm;
      break;
    }
    case FaultKind::kCrash:
      FillCrash(fault, prng_);
      break;
    case FaultKind::kPartition:
    case FaultKind::kOneWayCut:
      if (plan_.shapes) FillCut(fault);
      break;
    case FaultKind::kPause:
    case FaultKind::kDiskFull:
    case FaultKind::kCommitError:
    case FaultKind::kStop:
      break;
    default:
      FillLater(fault);
  }
}

// The kinds that came later.
void Generator::FillLater(Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kCorruption:
      fault.chance_ppm = static_cast<uint32_t>(prng_.Between(10'000, 300'000));
      return;
    case FaultKind::kLate:
      fault.chance_ppm = static_cast<uint32_t>(prng_.Between(1'000, 50'000));
      fault.amount = prng_.Chance(1, 3) ? plan_.late_max : Between(1s, plan_.late_max / 100 + 2s);
      return;
    case FaultKind::kBandwidth:
      fault.amount = Between(200us, 40ms);
      return;
    case FaultKind::kSlowCpu:
      fault.amount = Duration(static_cast<int64_t>(prng_.Between(5, 500)));
      return;
    case FaultKind::kWallFreeze:
      // When it is over the clock has been behind by that much.
      fault.until = std::min(fault.until, fault.from + plan_.clock_offset_max);
      return;
    case FaultKind::kMonotonicJump:
      fault.amount = Between(10ms, std::chrono::hours(1));
      return;
    case FaultKind::kMisdirection:
      if (prng_.Chance(1, 2)) fault.shape = FaultShape::kWritten;
      return;
    case FaultKind::kWipe:
      fault.stays = true;
      return;
    case FaultKind::kOtherRelease:
      if (prng_.Chance(1, 4)) fault.shape = FaultShape::kOlder;
      fault.chance_ppm = static_cast<uint32_t>(prng_.Between(20'000, 400'000));
      return;
    default:
      return;
  }
}

// A cut has one of several shapes, may come and go, and may take some kinds of messages only.
void Generator::FillCut(Fault& fault) {
  constexpr std::array kShapes = {FaultShape::kPlain, FaultShape::kBridge, FaultShape::kRing,
                                  FaultShape::kInside};
  if (fault.kind == FaultKind::kOneWayCut) {
    if (prng_.Chance(1, 2)) fault.shape = FaultShape::kInward;
  } else if (prng_.Chance(1, 2)) {
    fault.shape = kShapes[prng_.Below(kShapes.size())];
    // A ring is one of all nodes.
    if (fault.shape == FaultShape::kRing) fault.nodes = EveryNode();
  }
  if (prng_.Chance(1, 4)) fault.amount = Between(50ms, 2s);
  if (prng_.Chance(1, 5)) {
    constexpr uint64_t kAllBodies = (uint64_t{1} << wire::kBodies) - 1;
    fault.messages = static_cast<uint32_t>(1 + prng_.Below(kAllBodies));
  }
}

std::vector<uint32_t> Generator::EveryNode() const {
  std::vector<uint32_t> all(atlas_.nodes());
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

// Most crashes come in the middle of a commit, where they hurt, and some are over at once, as when
// a supervisor starts the process again: then messages to and from the life before are still on
// their way.
void Generator::FillCrash(Fault& fault, Prng& prng) {
  if (prng.Chance(2, 3)) {
    fault.amount = Between(plan_.crash_wait_max / 10, plan_.crash_wait_max, prng);
  }
  const Duration least = fault.amount + kRestartMin;
  const bool quick = prng.Chance(1, 2);
  if (plan_.shapes && fault.amount > Duration(0) && prng.Chance(1, 3)) {
    fault.shape = FaultShape::kBetweenEffects;
  }
  const SimTime soon = fault.from + Between(least, least + kQuickRestartMax, prng);
  if (quick && soon < fault.until) fault.until = soon;
  if (fault.from + least > fault.until) {
    fault.amount = Duration(0);
    fault.shape = FaultShape::kPlain;
  }
}

// Whether the fault is one of those whose number is bounded per list.
bool Generator::Counts(const Fault& fault) const {
  if (fault.kind == FaultKind::kPartition || fault.kind == FaultKind::kClog) return !plan_.halves;
  return TakesOut(fault.kind);
}

bool Overlap(const Fault& a, const Fault& b) { return a.from < b.until && b.from < a.until; }

// One fault of a kind at a time per node: executing two of them would need to count them.
bool Generator::MeetsItsLike(const Fault& fault) const {
  return std::any_of(faults_.begin(), faults_.end(), [&fault](const Fault& other) {
    return other.kind == fault.kind && Overlap(other, fault) &&
           std::find_first_of(other.nodes.begin(), other.nodes.end(), fault.nodes.begin(),
                              fault.nodes.end()) != other.nodes.end();
  });
}

bool Generator::Allowed(const Fault& fault) const {
  if (MeetsItsLike(fault)) return false;
  if (!Counts(fault)) return true;
  std::vector<uint32_t> down = fault.nodes;
  down.insert(down.end(), staying_.begin(), staying_.end());
  for (const Fault& other : faults_) {
    if (!Overlap(other, fault) || !Counts(other)) continue;
    down.insert(down.end(), other.nodes.begin(), other.nodes.end());
  }
  std::sort(down.begin(), down.end());
  down.erase(std::unique(down.begin(), down.end()), down.end());
  return atlas_.Survives(down);
}

// Links of many nodes are clogged one after another in the first half, and freed in another order
// in the second: FoundationDB's swizzle.
bool Generator::AddSwizzle(SimTime begin, Duration length) {
  const std::vector<uint32_t> nodes = AnyPart(EveryNode(), 1 + prng_.Below(atlas_.nodes()));
  bool added = false;
  for (const uint32_t node : nodes) {
    Fault fault;
    fault.id = faults_.size() + 1;
    fault.kind = FaultKind::kClog;
    fault.from = begin + Between(Duration(0), length / 2);
    fault.until = begin + Between(length / 2 + Duration(1), length);
    fault.nodes = {node};
    if (!Allowed(fault)) continue;
    faults_.push_back(std::move(fault));
    added = true;
  }
  return added;
}

// A node gets into the grip of a fault that the healing does not end.
Fault Generator::Staying(uint32_t node, SimTime earliest, Prng& prng) const {
  constexpr std::array kKinds = {FaultKind::kCrash, FaultKind::kPartition, FaultKind::kOneWayCut,
                                 FaultKind::kSlowCpu, FaultKind::kWipe};
  Fault fault;
  fault.id = faults_.size() + 1;
  fault.kind = kKinds[prng.Below(kKinds.size())];
  fault.from = earliest + Between(Duration(0), plan_.until - earliest - Duration(1), prng);
  fault.until = plan_.until;
  fault.nodes = {node};
  fault.stays = true;
  if (fault.kind == FaultKind::kSlowCpu)
    fault.amount = Duration(static_cast<int64_t>(kSlowFactorMax));
  if (fault.kind == FaultKind::kOneWayCut && prng.Chance(1, 2)) fault.shape = FaultShape::kInward;
  return fault;
}

// They count as lost from the beginning on, so that whatever else happens keeps its bound beside
// them.
void Generator::AddStaying() {
  for (uint32_t i = 0; i < plan_.staying; ++i) {
    const auto node = static_cast<uint32_t>(prng_.Below(atlas_.nodes()));
    Fault fault = Staying(node, plan_.from, prng_);
    std::vector<uint32_t> lost = staying_;
    lost.push_back(node);
    std::sort(lost.begin(), lost.end());
    lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
    if (lost.size() == staying_.size() || !atlas_.Survives(lost)) continue;
    staying_ = std::move(lost);
    faults_.push_back(std::move(fault));
  }
}

// The replicas of a list that are of one data centre, in any order.
std::vector<uint32_t> Generator::AnySiteOfList() {
  const std::span<const uint32_t> list = atlas_.NodesOf(lost_prng_.Below(atlas_.lists()));
  const uint16_t site = atlas_.data_centre(list[lost_prng_.Below(list.size())]);
  std::vector<uint32_t> nodes;
  for (const uint32_t node : list) {
    if (atlas_.data_centre(node) == site) nodes.push_back(node);
  }
  for (size_t i = 0; i + 1 < nodes.size(); ++i) {
    std::swap(nodes[i], nodes[i + lost_prng_.Below(nodes.size() - i)]);
  }
  return nodes;
}

// Towards the end, so that there is work before it.
void Generator::AddLostList() {
  const std::vector<uint32_t> nodes = AnySiteOfList();
  const size_t least = (nodes.size() - 1) / 2 + 1;
  const size_t lost = least + lost_prng_.Below(nodes.size() - least + 1);
  const SimTime earliest = plan_.from + (plan_.until - plan_.from) * (kLostShare - 1) / kLostShare;
  for (size_t i = 0; i < lost && staying_.size() + 1 < atlas_.nodes(); ++i) {
    const auto at = std::lower_bound(staying_.begin(), staying_.end(), nodes[i]);
    if (at != staying_.end() && *at == nodes[i]) continue;
    Fault fault = Staying(nodes[i], earliest, lost_prng_);
    for (int tries = 1; MeetsItsLike(fault) && tries < kPlacementAttemptsMax; ++tries) {
      fault = Staying(nodes[i], earliest, lost_prng_);
    }
    if (MeetsItsLike(fault)) continue;
    staying_.insert(at, nodes[i]);
    faults_.push_back(std::move(fault));
  }
}

// Of the kinds that the plan has; a crash where it has neither.
Fault Generator::Relapse(const Fault& first) {
  const uint64_t stops = Weight(FaultKind::kStop);
  const uint64_t all = std::max<uint64_t>(1, stops + Weight(FaultKind::kCrash));
  const uint64_t within = uint64_t{1}
                          << relapse_prng_.Between(kRelapseWithinBitsMin, kRelapseWithinBitsMax);
  Fault fault;
  fault.id = faults_.size() + 1;
  fault.kind = relapse_prng_.Below(all) < stops ? FaultKind::kStop : FaultKind::kCrash;
  fault.from = first.until + Duration(static_cast<int64_t>(relapse_prng_.Between(1, within)));
  fault.until = fault.from + Between(kRestartMin, kQuickRestartMax, relapse_prng_);
  fault.nodes = first.nodes;
  if (fault.kind == FaultKind::kCrash) FillCrash(fault, relapse_prng_);
  return fault;
}

// Relapses have relapses.
void Generator::AddRelapses() {
  if (plan_.relapse_percent == 0) return;
  for (size_t i = 0; i < faults_.size() && faults_.size() < size_t{2} * plan_.faults; ++i) {
    if (!EndsProcess(faults_[i].kind) || faults_[i].stays) continue;
    if (!relapse_prng_.Chance(plan_.relapse_percent, 100)) continue;
    Fault fault = Relapse(faults_[i]);
    if (fault.until <= plan_.until && Allowed(fault)) faults_.push_back(std::move(fault));
  }
}

bool Generator::AddEpisode(uint64_t total) {
  const Duration window = plan_.until - plan_.from;
  const Duration length = Between(plan_.length_min, plan_.length_max);
  if (length >= window) return false;
  const SimTime begin = plan_.from + Between(Duration(0), window - length);
  const std::vector<uint32_t> aim = ChooseAim();
  if (Weight(FaultKind::kClog) > 0 && prng_.Chance(1, 6)) return AddSwizzle(begin, length);
  const uint64_t wanted = 1 + prng_.Below(kFaultsPerEpisodeMax);
  bool added = false;
  for (uint64_t i = 0; i < wanted && faults_.size() < plan_.faults; ++i) {
    Fault fault{.id = faults_.size() + 1,
                .kind = ChooseKind(total),
                .from = begin,
                .until = {},
                .nodes = {},
                .chance_ppm = 0,
                .amount = Duration(0),
                .drift_ppm = 0};
    fault.from = begin + Between(Duration(0), length / kStaggerShare);
    const Duration rest = begin + length - fault.from;
    fault.until = fault.from + Between(rest / 4 + Duration(1), rest);
    fault.nodes = ChooseTargets(fault.kind, aim);
    Fill(fault);
    // Too many targets are the usual reason for a refusal.
    const bool divisible = fault.kind != FaultKind::kDiskSwap && fault.shape == FaultShape::kPlain;
    while (divisible && !Allowed(fault) && fault.nodes.size() > 1) {
      const size_t half = fault.nodes.size() / 2;
      fault.nodes = AnyPart(std::move(fault.nodes), half);
    }
    if (!Allowed(fault)) continue;
    faults_.push_back(std::move(fault));
    added = true;
  }
  return added;
}

}  // namespace

bool TakesOut(FaultKind kind) {
  switch (kind) {
    case FaultKind::kCrash:
    case FaultKind::kPause:
    case FaultKind::kPartition:
    case FaultKind::kOneWayCut:
    case FaultKind::kDiskStall:
    case FaultKind::kDiskFull:
    case FaultKind::kCommitError:
    case FaultKind::kClockOffset:
    case FaultKind::kClockJump:
    case FaultKind::kStop:
    case FaultKind::kClog:
    case FaultKind::kSlowCpu:
    case FaultKind::kWallFreeze:
    case FaultKind::kMonotonicFreeze:
    case FaultKind::kSyncError:
    case FaultKind::kReadError:
    case FaultKind::kBitRot:
    case FaultKind::kMisdirection:
    case FaultKind::kLostSync:
    case FaultKind::kDiskSwap:
    case FaultKind::kRollback:
    case FaultKind::kWipe:
    case FaultKind::kDroppedWrite:
      return true;
    case FaultKind::kCorruption:
    case FaultKind::kLate:
    case FaultKind::kBandwidth:
    case FaultKind::kHalfOpen:
    case FaultKind::kMonotonicJump:
    case FaultKind::kLoss:
    case FaultKind::kDuplication:
    case FaultKind::kDelay:
    case FaultKind::kClockDrift:
    case FaultKind::kOtherRelease:
      return false;
  }
  return true;
}

Schedule GenerateSchedule(uint64_t seed, const FaultPlan& plan, const FaultAtlas& atlas) {
  QUORATE_CHECK(plan.from <= plan.until);
  QUORATE_CHECK(plan.length_min <= plan.length_max);
  return Generator(seed, plan, atlas).Run();
}

}  // namespace quorate::sim
