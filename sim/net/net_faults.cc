// SPDX-License-Identifier: Apache-2.0
#include "sim/net/net_faults.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/core/draw.h"
#include "sim/net/limits.h"

namespace quorate::sim {

void NetFaults::Begin(uint32_t fault) {
  const Fault& data = schedule_.faults[fault];
  QUORATE_CHECK(IsNetworkFault(data.kind));
  Active active{.fault = fault, .kind = data.kind, .targets = std::vector<bool>(schedule_.nodes)};
  for (const uint32_t node : data.nodes) active.targets[node] = true;
  active_.push_back(std::move(active));
}

void NetFaults::End(uint32_t fault) {
  const auto found = std::find_if(active_.begin(), active_.end(),
                                  [fault](const Active& active) { return active.fault == fault; });
  QUORATE_CHECK(found != active_.end());
  active_.erase(found);
}

bool NetFaults::Cuts(const Active& active, const Passage& passage) const {
  if (active.kind == FaultKind::kPartition) {
    return active.targets[passage.from] != active.targets[passage.to];
  }
  return active.kind == FaultKind::kOneWayCut && active.targets[passage.from] &&
         !active.targets[passage.to];
}

// Losses come together [Gilbert 1960, with slots in place of its chain]: half of the time a link is
// good, in the other half it loses twice as much.
bool NetFaults::LosesByChance(const Active& active, const Passage& passage) const {
  if (active.kind != FaultKind::kLoss || !Touches(active, passage)) return false;
  const Fault& fault = schedule_.faults[active.fault];
  const uint64_t slot = Draw(seed_, Purpose::kLinkLoss, fault.id, passage.from, passage.to,
                             passage.time.us / kLossSlotUs);
  if ((slot & 1) == 0) return false;
  return Chance(
      Draw(seed_, Purpose::kLinkLoss, fault.id, passage.from, passage.to, slot, passage.number),
      2 * fault.chance_ppm);
}

bool NetFaults::Loses(const Passage& passage) {
  for (const Active& active : active_) {
    if (Cuts(active, passage) || LosesByChance(active, passage)) {
      effects_.Count(active.fault);
      return true;
    }
  }
  return false;
}

bool NetFaults::Doubles(const Passage& passage) {
  for (const Active& active : active_) {
    if (active.kind != FaultKind::kDuplication || !Touches(active, passage)) continue;
    const Fault& fault = schedule_.faults[active.fault];
    if (!Chance(Draw(seed_, Purpose::kLinkDuplicate, fault.id, passage.from, passage.to,
                     passage.number),
                fault.chance_ppm)) {
      continue;
    }
    effects_.Count(active.fault);
    return true;
  }
  return false;
}

Duration NetFaults::Delays(const Passage& passage) {
  Duration added{0};
  for (const Active& active : active_) {
    if (active.kind != FaultKind::kDelay || !Touches(active, passage)) continue;
    const Fault& fault = schedule_.faults[active.fault];
    const uint64_t draw =
        Draw(seed_, Purpose::kLinkLate, fault.id, passage.from, passage.to, passage.number);
    if (!Chance(draw, fault.chance_ppm)) continue;
    added += Uniform(Mix(draw, fault.id), Duration(1), fault.amount);
    effects_.Count(active.fault);
  }
  return added;
}

}  // namespace quorate::sim
