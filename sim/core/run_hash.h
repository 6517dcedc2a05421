// SPDX-License-Identifier: Apache-2.0
// One number for a whole run, and a ladder of it, so that two runs that should be equal are told
// apart, and the place where they part is found by bisection. Only the fields of values go in,
// never their memory.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "sim/core/limits.h"

namespace quorate::sim {

class RunHash {
 public:
  void Add(uint64_t field) { hash_ = Mix(hash_ + 0x632be59bd9b4e019, field); }
  // An event is complete.
  void EndEvent() {
    if ((++events_ & ((uint64_t{1} << kLadderShift) - 1)) == 0) ladder_.push_back(hash_);
  }

  [[nodiscard]] uint64_t value() const { return hash_; }
  [[nodiscard]] uint64_t events() const { return events_; }
  // The hash after event 1 * 2^k, 2 * 2^k, ...
  [[nodiscard]] const std::vector<uint64_t>& ladder() const { return ladder_; }

 private:
  uint64_t hash_ = 0;
  uint64_t events_ = 0;
  std::vector<uint64_t> ladder_;
};

}  // namespace quorate::sim
