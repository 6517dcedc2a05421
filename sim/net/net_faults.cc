// SPDX-License-Identifier: Apache-2.0
#include "sim/net/net_faults.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/core/draw.h"
#include "sim/net/limits.h"
#include "sim/net/release_before.h"

namespace quorate::sim {
namespace {

// A cut with a period comes and goes: it is there in the first half of each.
bool IsOff(const Fault& fault, SimTime now) {
  if (fault.amount <= Duration(0) || now < fault.from) return false;
  return (now - fault.from) % fault.amount >= fault.amount / 2;
}

bool Concerns(const Fault& fault, const Passage& passage) {
  return fault.messages == 0 || (fault.messages >> passage.parcel.kind & 1) != 0;
}

}  // namespace

void NetFaults::Begin(uint32_t fault) {
  const Fault& data = schedule_.faults[fault];
  QUORATE_CHECK(IsNetworkFault(data.kind));
  Active active{.fault = fault,
                .kind = data.kind,
                .targets = std::vector<bool>(schedule_.nodes),
                .ring = {},
                .busy = {}};
  for (const uint32_t node : data.nodes) active.targets[node] = true;
  if (data.shape == FaultShape::kRing) DrawRing(active);
  active_.push_back(std::move(active));
  of_one_ += data.only != 0 ? 1U : 0U;
}

void NetFaults::DrawRing(Active& active) const {
  const Fault& fault = schedule_.faults[active.fault];
  std::vector<uint32_t> order = fault.nodes;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const uint64_t at = Draw(seed_, Purpose::kLinkRing, fault.id, a);
    const uint64_t bt = Draw(seed_, Purpose::kLinkRing, fault.id, b);
    return at != bt ? at < bt : a < b;
  });
  active.ring.resize(schedule_.nodes);
  for (uint32_t place = 0; place < order.size(); ++place) active.ring[order[place]] = place;
}

void NetFaults::End(uint32_t fault) {
  const auto found = std::find_if(active_.begin(), active_.end(),
                                  [fault](const Active& active) { return active.fault == fault; });
  QUORATE_CHECK(found != active_.end());
  active_.erase(found);
  of_one_ -= schedule_.faults[fault].only != 0 ? 1U : 0U;
}

// A majority of the ring hears a node: itself and as many on each side as that takes.
bool NetFaults::HearsInRing(const Active& active, const Passage& passage, size_t size) {
  const uint32_t a = active.ring[passage.from];
  const uint32_t b = active.ring[passage.to];
  const size_t apart = a > b ? a - b : b - a;
  return std::min(apart, size - apart) <= (size / 2 + 1) / 2;
}

bool NetFaults::Parts(const Active& active, const Passage& passage) const {
  const Fault& fault = schedule_.faults[active.fault];
  const bool from = active.targets[passage.from];
  const bool to = active.targets[passage.to];
  switch (fault.shape) {
    case FaultShape::kBridge: {
      const uint32_t bridge = fault.nodes.front();
      return from != to && passage.from != bridge && passage.to != bridge;
    }
    case FaultShape::kRing:
      return from && to && !HearsInRing(active, passage, fault.nodes.size());
    case FaultShape::kInside:
      return from && to;
    default:
      return from != to;
  }
}

bool NetFaults::Cuts(const Active& active, const Passage& passage) const {
  if (active.kind != FaultKind::kPartition && active.kind != FaultKind::kOneWayCut) return false;
  const Fault& fault = schedule_.faults[active.fault];
  if (!Concerns(fault, passage) || IsOff(fault, passage.time)) return false;
  if (active.kind == FaultKind::kPartition) return Parts(active, passage);
  const bool inward = fault.shape == FaultShape::kInward;
  return active.targets[inward ? passage.to : passage.from] &&
         !active.targets[inward ? passage.from : passage.to];
}

// Losses come together [Gilbert 1960, with slots in place of its chain]: half of the time a link is
// good, in the other half it loses twice as much.
bool NetFaults::LosesByChance(const Active& active, const Passage& passage) const {
  if (active.kind != FaultKind::kLoss || !Touches(active, passage)) return false;
  const Fault& fault = schedule_.faults[active.fault];
  if (!Concerns(fault, passage)) return false;
  if (fault.only != 0) return IsTheOne(fault, active, passage);
  const uint64_t slot = Draw(seed_, Purpose::kLinkLoss, fault.id, passage.from, passage.to,
                             passage.time.us / kLossSlotUs);
  if ((slot & 1) == 0) return false;
  return Chance(
      Draw(seed_, Purpose::kLinkLoss, fault.id, passage.from, passage.to, slot, passage.number),
      2 * fault.chance_ppm);
}

// A narrow link sends what it was given, in order; `amount` is what a KiB takes.
bool NetFaults::Overflows(Active& active, const Passage& passage) const {
  if (active.kind != FaultKind::kBandwidth || !Touches(active, passage)) return false;
  const auto busy = active.busy.find({passage.from, passage.to});
  return busy != active.busy.end() && busy->second > passage.time + kLinkQueueMax;
}

bool NetFaults::Loses(const Passage& passage) {
  for (Active& active : active_) {
    if (Cuts(active, passage) || LosesByChance(active, passage) || Overflows(active, passage)) {
      effects_.Count(active.fault);
      return true;
    }
  }
  return false;
}

bool NetFaults::Doubles(const Passage& passage) {
  for (Active& active : active_) {
    if (active.kind != FaultKind::kDuplication || !Touches(active, passage)) continue;
    const Fault& fault = schedule_.faults[active.fault];
    const bool doubles = fault.only != 0 ? IsTheOne(fault, active, passage)
                                         : Chance(Draw(seed_, Purpose::kLinkDuplicate, fault.id,
                                                       passage.from, passage.to, passage.number),
                                                  fault.chance_ppm);
    if (!doubles) continue;
    effects_.Count(active.fault);
    return true;
  }
  return false;
}

Duration NetFaults::DelayOf(Active& active, const Passage& passage) {
  const Fault& fault = schedule_.faults[active.fault];
  const uint64_t draw =
      Draw(seed_, Purpose::kLinkLate, fault.id, passage.from, passage.to, passage.number);
  switch (active.kind) {
    case FaultKind::kDelay:
    case FaultKind::kLate:
      if (fault.only != 0) return IsTheOne(fault, active, passage) ? fault.amount : Duration(0);
      if (!Chance(draw, fault.chance_ppm)) return Duration(0);
      return Uniform(Mix(draw, fault.id), Duration(1), fault.amount);
    case FaultKind::kClog:
      if (passage.time >= fault.until) return Duration(0);
      return fault.until - passage.time + Uniform(draw, Duration(0), kUnclogSpread);
    case FaultKind::kBandwidth: {
      constexpr int64_t kKibibyte = 1024;
      SimTime& busy = active.busy[{passage.from, passage.to}];
      busy =
          std::max(busy, passage.time) +
          Duration(fault.amount.count() * static_cast<int64_t>(passage.parcel.bytes) / kKibibyte);
      return busy - passage.time;
    }
    default:
      return Duration(0);
  }
}

Duration NetFaults::Delays(const Passage& passage) {
  Duration added{0};
  for (Active& active : active_) {
    if (!Touches(active, passage)) continue;
    const Duration delay = DelayOf(active, passage);
    if (delay == Duration(0)) continue;
    added += delay;
    effects_.Count(active.fault);
  }
  return added;
}

std::optional<uint64_t> NetFaults::Corrupts(const Passage& passage) {
  for (const Active& active : active_) {
    if (active.kind != FaultKind::kCorruption || !Touches(active, passage)) continue;
    const Fault& fault = schedule_.faults[active.fault];
    const uint64_t draw =
        Draw(seed_, Purpose::kLinkCorrupt, fault.id, passage.from, passage.to, passage.number);
    if (!Chance(draw, fault.chance_ppm)) continue;
    effects_.Count(active.fault);
    return Mix(draw, fault.id);
  }
  return std::nullopt;
}

std::optional<OtherRelease> NetFaults::WrittenBy(const Passage& passage) {
  for (const Active& active : active_) {
    if (active.kind != FaultKind::kOtherRelease || !active.targets[passage.from]) continue;
    const Fault& fault = schedule_.faults[active.fault];
    const bool older = fault.shape == FaultShape::kOlder;
    if (older && !IsShorterBefore(passage.parcel.kind)) continue;
    const uint64_t draw =
        Draw(seed_, Purpose::kLinkRelease, fault.id, passage.from, passage.to, passage.number);
    effects_.Count(active.fault);
    return OtherRelease{older, Chance(draw, fault.chance_ppm), Mix(draw, fault.id)};
  }
  return std::nullopt;
}

}  // namespace quorate::sim
