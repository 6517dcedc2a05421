// SPDX-License-Identifier: Apache-2.0
#include "sim/net/geography.h"

#include <algorithm>

#include "sim/core/draw.h"

namespace quorate::sim {

Geography::Geography(uint64_t seed, const DelayModel& model, std::vector<NodeSite> sites)
    : seed_(seed), model_(model), sites_(std::move(sites)) {
  for (const NodeSite& site : sites_) {
    data_centres_ = std::max<size_t>(data_centres_, size_t{site.data_centre} + 1);
  }
  between_.resize(data_centres_ * data_centres_);
  for (size_t a = 0; a < data_centres_; ++a) {
    for (size_t b = 0; b < data_centres_; ++b) {
      const uint64_t draw = Draw(seed, Purpose::kGeography, std::min(a, b), std::max(a, b));
      between_[a * data_centres_ + b] = Uniform(draw, model_.between_min, model_.between_max);
    }
  }
}

}  // namespace quorate::sim
