// SPDX-License-Identifier: Apache-2.0
#include "sim/core/draw_epochs.h"

#include <utility>

#include "engine/base/check.h"

namespace quorate::sim {

DrawEpochs::DrawEpochs(uint64_t seed, std::vector<DrawEpoch> epochs)
    : seed_(seed), epochs_(std::move(epochs)), all_(seed), delays_(seed) {}

void DrawEpochs::Add(const DrawEpoch& epoch) {
  QUORATE_CHECK(begun_ == epochs_.size());
  epochs_.push_back(epoch);
}

void DrawEpochs::Begin(const DrawEpoch& epoch) {
  if (epoch.scope == EpochScope::kAll) {
    all_ = KeyedHash(seed_, epoch.salt);
  } else {
    delays_anew_ = true;
    delay_salt_ = epoch.salt;
  }
  delays_ = delays_anew_ ? KeyedHash(all_, delay_salt_) : all_;
}

}  // namespace quorate::sim
