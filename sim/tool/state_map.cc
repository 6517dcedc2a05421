// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/state_map.h"

#include <sys/mman.h>

#include <bit>

namespace quorate::sim {

// Processes take turns at a word as they like; what one of them sets is never lost.

StateMap::~StateMap() {
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

absl::Status StateMap::Open() {
  void* const pages =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return Unavailable("no memory that processes share");
  shared_ = static_cast<Shared*>(pages);  // zeroed
  return absl::OkStatus();
}

bool StateMap::Add(uint64_t state) {
  constexpr unsigned kHalf = 32;
  bool added = false;
  for (const uint64_t probe : {state, state >> kHalf}) {
    const size_t bit = probe % kStateMapBits;
    const uint64_t mask = uint64_t{1} << (bit % kWordBits);
    uint64_t& word = shared_->bits[bit / kWordBits];
    if ((word & mask) != 0) continue;  // mostly: no need to own the line
    added = (__atomic_fetch_or(&word, mask, __ATOMIC_RELAXED) & mask) == 0 || added;
  }
  if (added) Rise(Count::kStates);
  return added;
}

uint64_t StateMap::Looked(bool is_new) {
  Rise(Count::kLooks);
  uint64_t* const quiet = &shared_->quiet_looks;
  return is_new ? __atomic_exchange_n(quiet, 0, __ATOMIC_RELAXED)
                : __atomic_add_fetch(quiet, 1, __ATOMIC_RELAXED);
}

void StateMap::Rise(Count count, uint64_t by) {
  __atomic_fetch_add(&shared_->counts[static_cast<size_t>(count)], by, __ATOMIC_RELAXED);
}

uint64_t StateMap::Of(Count count) const {
  return __atomic_load_n(&shared_->counts[static_cast<size_t>(count)], __ATOMIC_RELAXED);
}

size_t StateMap::used() const {
  size_t used = 0;
  for (const uint64_t word : shared_->bits) used += static_cast<size_t>(std::popcount(word));
  return used;
}

void StateMap::Stop() { __atomic_store_n(&shared_->stop, true, __ATOMIC_RELAXED); }

bool StateMap::stopped() const { return __atomic_load_n(&shared_->stop, __ATOMIC_RELAXED); }

}  // namespace quorate::sim
