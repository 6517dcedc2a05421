// SPDX-License-Identifier: Apache-2.0
// The faults of the network that are in force, and what they do to one message. Each decision is
// drawn for (fault, link, number of the message), so it does not depend on what else is lost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/core/draw_epochs.h"
#include "sim/core/sim_time.h"
#include "sim/fault/effects.h"
#include "sim/net/parcel.h"

namespace quorate::sim {

// A message on its link.
struct Passage {
  uint32_t from = 0;
  uint32_t to = 0;
  uint64_t number = 0;
  SimTime time;
  Parcel parcel;
};

// What writes a message: the release before, or the next one.
struct OtherRelease {
  bool older = false;
  bool unknown = false;  // the next one sends messages of kinds that only it knows too
  uint64_t draw = 0;     // for what it has added
};

class NetFaults {
 public:
  // `schedule` and `effects` outlive this.
  NetFaults(DrawSeed seed, const Schedule& schedule, EffectCounter& effects)
      : seed_(seed), schedule_(schedule), effects_(effects) {}

  // Requires: the fault is one of the network's, and not in force / in force.
  void Begin(uint32_t fault);
  void End(uint32_t fault);
  [[nodiscard]] bool any() const { return !active_.empty(); }

  // Of each message once, before all that is asked of it: those that concern one message count what
  // their targets send, whatever other faults do to it.
  void CountSent(const Passage& passage) {
    if (of_one_ == 0) return;
    for (Active& active : active_) active.sent += active.targets[passage.from] ? 1U : 0U;
  }
  // Each counts its effect.
  [[nodiscard]] bool Loses(const Passage& passage);
  [[nodiscard]] bool Doubles(const Passage& passage);
  // What is added to the delay.
  [[nodiscard]] Duration Delays(const Passage& passage);
  // A draw for which bits change, where some do.
  [[nodiscard]] std::optional<uint64_t> Corrupts(const Passage& passage);
  // Who writes it, where that is not this release.
  [[nodiscard]] std::optional<OtherRelease> WrittenBy(const Passage& passage);

 private:
  struct Active {
    uint32_t fault = 0;
    FaultKind kind = FaultKind::kLoss;
    std::vector<bool> targets;   // by node
    std::vector<uint32_t> ring;  // by node: its place in the ring, where the shape is one
    uint32_t sent = 0;           // messages of the targets
    // Until when each link is busy, where it is narrow.
    std::map<std::pair<uint32_t, uint32_t>, SimTime> busy;
  };
  [[nodiscard]] bool Cuts(const Active& active, const Passage& passage) const;
  [[nodiscard]] bool Parts(const Active& active, const Passage& passage) const;
  [[nodiscard]] static bool HearsInRing(const Active& active, const Passage& passage, size_t size);
  [[nodiscard]] bool Overflows(Active& active, const Passage& passage) const;
  [[nodiscard]] Duration DelayOf(Active& active, const Passage& passage);
  void DrawRing(Active& active) const;
  [[nodiscard]] bool LosesByChance(const Active& active, const Passage& passage) const;
  [[nodiscard]] static bool IsTheOne(const Fault& fault, const Active& active,
                                     const Passage& passage) {
    return active.targets[passage.from] && active.sent == fault.only;
  }
  [[nodiscard]] static bool Touches(const Active& active, const Passage& passage) {
    return active.targets[passage.from] || active.targets[passage.to];
  }

  const DrawSeed seed_;
  const Schedule& schedule_;
  EffectCounter& effects_;
  std::vector<Active> active_;  // in order of Begin
  uint32_t of_one_ = 0;         // of these, that concern one message alone
};

[[nodiscard]] constexpr bool IsNetworkFault(FaultKind kind) {
  switch (kind) {
    case FaultKind::kPartition:
    case FaultKind::kOneWayCut:
    case FaultKind::kLoss:
    case FaultKind::kDuplication:
    case FaultKind::kDelay:
    case FaultKind::kCorruption:
    case FaultKind::kClog:
    case FaultKind::kLate:
    case FaultKind::kBandwidth:
    case FaultKind::kOtherRelease:
      return true;
    default:
      return false;
  }
}

}  // namespace quorate::sim
