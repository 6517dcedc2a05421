// SPDX-License-Identifier: Apache-2.0
// How far nodes are from each other: in one rack, in one data centre, or between two, where each
// pair of data centres has a distance of its own. The delay of a message is the distance and a
// tail drawn for it alone, so messages overtake each other.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/draw.h"
#include "sim/core/sim_time.h"

namespace quorate::sim {

struct DelayModel {
  Duration rack = 60us;
  Duration data_centre = 150us;
  Duration between_min = 5ms;
  Duration between_max = 40ms;
  Duration tail_mean = 80us;  // exponential
  // Each link, and each direction of it, is by its nature slower than its distance says, by up to
  // this much.
  uint32_t spread_percent = 0;
  // Some messages take a way of their own: a second tail, of another order.
  uint32_t slow_ppm = 0;
  Duration slow_mean = 20ms;
};

struct NodeSite {
  uint16_t data_centre = 0;
  uint16_t rack = 0;  // unique over all data centres
};

class Geography {
 public:
  Geography(uint64_t seed, const DelayModel& model, std::vector<NodeSite> sites);

  // The least time a message takes.
  [[nodiscard]] Duration Distance(uint32_t from, uint32_t to) const {
    const Duration distance = SiteDistance(from, to);
    if (model_.spread_percent == 0) return distance;
    const uint64_t draw = Draw(seed_, Purpose::kLinkDistance, from, to);
    return distance + distance * static_cast<int64_t>(Scale(draw, model_.spread_percent + 1)) / 100;
  }
  // What the `number`th message of a link takes beyond that; `draw` is its own, made with `seed`.
  [[nodiscard]] Duration Tail(uint64_t seed, uint64_t draw, uint32_t from, uint32_t to,
                              uint64_t number) const {
    const Duration tail = Exponential(draw, model_.tail_mean);
    if (model_.slow_ppm == 0) return tail;
    const uint64_t slow = Draw(seed, Purpose::kLinkSlow, from, to, number);
    return Chance(slow, model_.slow_ppm) ? tail + Exponential(Mix(slow, 1), model_.slow_mean)
                                         : tail;
  }
  [[nodiscard]] uint32_t nodes() const { return static_cast<uint32_t>(sites_.size()); }
  [[nodiscard]] const NodeSite& site(uint32_t node) const { return sites_[node]; }

 private:
  [[nodiscard]] Duration SiteDistance(uint32_t from, uint32_t to) const {
    const NodeSite& a = sites_[from];
    const NodeSite& b = sites_[to];
    if (a.data_centre != b.data_centre) {
      return between_[size_t{a.data_centre} * data_centres_ + b.data_centre];
    }
    return a.rack == b.rack ? model_.rack : model_.data_centre;
  }

  uint64_t seed_;
  DelayModel model_;
  std::vector<NodeSite> sites_;
  size_t data_centres_ = 0;
  std::vector<Duration> between_;  // symmetric
};

}  // namespace quorate::sim
