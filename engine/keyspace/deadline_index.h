// SPDX-License-Identifier: Apache-2.0
// The deadlines of a keyspace's objects in their order, so that what has passed is found without a
// look at what has not.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/container/btree_set.h"
#include "engine/base/check.h"
#include "engine/base/ids.h"

namespace quorate::keyspace {

// An object with this deadline is at this place; where keys share a place, maybe several.
struct Deadline {
  int64_t ms = std::numeric_limits<int64_t>::min();  // since the epoch
  Place place;
  friend auto operator<=>(const Deadline&, const Deadline&) = default;
};

class DeadlineIndex {
 public:
  void Add(const Deadline& deadline) {
    deadlines_.insert(deadline);
    earliest_ms_ = deadlines_.begin()->ms;
  }
  // Requires: it was added and not removed since.
  void Remove(const Deadline& deadline) {
    const auto at = deadlines_.find(deadline);
    QUORATE_CHECK(at != deadlines_.end());
    deadlines_.erase(at);
    earliest_ms_ = deadlines_.empty() ? kNever : deadlines_.begin()->ms;
  }

  [[nodiscard]] size_t size() const { return deadlines_.size(); }
  // kNever where there is none. Kept apart: every tick asks.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  [[nodiscard]] int64_t earliest_ms() const { return earliest_ms_; }

  // Visits deadlines from `from` on in order, each once however many share it, until `visit`
  // returns false.
  template <typename Visitor>
  void ForEachFrom(const Deadline& from, const Visitor& visit) const {
    for (auto at = deadlines_.lower_bound(from); at != deadlines_.end();
         at = deadlines_.upper_bound(*at)) {
      if (!visit(*at)) return;
    }
  }

 private:
  absl::btree_multiset<Deadline> deadlines_;
  int64_t earliest_ms_ = kNever;
};

}  // namespace quorate::keyspace
