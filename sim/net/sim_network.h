// SPDX-License-Identifier: Apache-2.0
// What happens to messages between nodes: when they arrive, how often, or not at all. It decides;
// the world keeps the messages and delivers them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/core/draw_epochs.h"
#include "sim/net/geography.h"
#include "sim/net/link_table.h"
#include "sim/net/net_faults.h"

namespace quorate::sim {

// The copies of one message that will arrive.
struct Delivery {
  uint32_t copies = 0;  // 0: lost
  std::array<Duration, 2> delays{};
  std::optional<uint64_t> corrupted;    // a draw for which bits change
  std::optional<OtherRelease> release;  // by which it is written
  bool sampled = false;                 // to be passed through the codec
};

class SimNetwork {
 public:
  // `schedule` and `effects` outlive this. Every message is sampled where `sample_all`.
  SimNetwork(DrawSeed seed, DrawSeed delays, Geography geography, const Schedule& schedule,
             EffectCounter& effects, bool sample_all);

  // Requires: from != to.
  [[nodiscard]] Delivery Send(uint32_t from, uint32_t to, SimTime now, Parcel parcel = {});

  [[nodiscard]] NetFaults& faults() { return faults_; }
  [[nodiscard]] const Geography& geography() const { return geography_; }
  // Asks for the memory that Send will look at.
  void FetchAhead(uint32_t from, uint32_t to) const { links_.FetchAhead(from, to); }
  // Links that have carried a message.
  [[nodiscard]] size_t links() const { return links_.size(); }
  [[nodiscard]] uint64_t sent() const { return sent_; }
  [[nodiscard]] uint64_t lost() const { return lost_; }

 private:
  const DrawSeed seed_;
  const DrawSeed delays_;
  const Geography geography_;
  const bool sample_all_;
  LinkTable links_;
  NetFaults faults_;
  uint64_t sent_ = 0;
  uint64_t lost_ = 0;
};

}  // namespace quorate::sim
