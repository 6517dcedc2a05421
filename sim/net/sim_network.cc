// SPDX-License-Identifier: Apache-2.0
#include "sim/net/sim_network.h"

#include "engine/base/check.h"
#include "sim/core/draw.h"
#include "sim/net/limits.h"

namespace quorate::sim {

SimNetwork::SimNetwork(DrawSeed seed, DrawSeed delays, Geography geography,
                       const Schedule& schedule, EffectCounter& effects, bool sample_all)
    : seed_(seed),
      delays_(delays),
      geography_(std::move(geography)),
      sample_all_(sample_all),
      links_(geography_.nodes()),
      faults_(seed, schedule, effects) {}

Delivery SimNetwork::Send(uint32_t from, uint32_t to, SimTime now, Parcel parcel) {
  QUORATE_CHECK(from != to);
  ++sent_;
  const Passage passage{from, to, links_.Next(from, to), now, parcel};
  const uint64_t draw = Draw(delays_, Purpose::kLinkDelay, from, to, passage.number);
  Delivery delivery;
  delivery.sampled = sample_all_ || Scale(Mix(draw, static_cast<uint64_t>(Purpose::kLinkSample)),
                                          kCodecSample) == 0;
  const Duration delay =
      geography_.Distance(from, to) + geography_.Tail(delays_, draw, from, to, passage.number);
  delivery.copies = 1;
  delivery.delays[0] = delay;
  if (!faults_.any()) return delivery;
  faults_.CountSent(passage);
  if (faults_.Loses(passage)) {
    ++lost_;
    delivery.copies = 0;
    return delivery;
  }
  delivery.delays[0] += faults_.Delays(passage);
  delivery.release = faults_.WrittenBy(passage);
  delivery.corrupted = faults_.Corrupts(passage);
  if (faults_.Doubles(passage)) {
    delivery.copies = 2;
    const uint64_t gap = Draw(seed_, Purpose::kLinkDuplicate, from, to, passage.number);
    delivery.delays[1] = delivery.delays[0] + Uniform(gap, Duration(0), kDuplicateDelayMax);
  }
  return delivery;
}

}  // namespace quorate::sim
