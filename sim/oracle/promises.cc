// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/promises.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/base/check.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

uint16_t MajorityOf(uint16_t replicas) {
  return replicas == 0 ? uint16_t{0} : static_cast<uint16_t>(replicas / 2 + 1);
}

uint16_t Minus(uint16_t a, size_t b) { return b >= a ? uint16_t{0} : static_cast<uint16_t>(a - b); }

}  // namespace

Promises::Promises(std::vector<uint16_t> replicas, env::Durability durability, Duration window)
    : replicas_(std::move(replicas)), durability_(durability), window_(window) {
  for (const uint16_t count : replicas_) all_ = static_cast<uint16_t>(all_ + count);
}

Reach Promises::Of(Consistency level, uint16_t local) const {
  QUORATE_CHECK(local < replicas_.size());
  Reach reach{Reach::Counts(replicas_.size(), 0), 0};
  switch (level) {
    case Consistency::kAny:
      return reach;
    case Consistency::kOne:
      reach.in_all = std::min<uint16_t>(1, all_);
      break;
    case Consistency::kQuorum:
      reach.in_all = MajorityOf(all_);
      break;
    case Consistency::kAll:
      reach.in_all = all_;
      break;
    case Consistency::kLocalOne:
    case Consistency::kDcOne:
      reach.in_data_centre[local] = std::min<uint16_t>(1, replicas_[local]);
      break;
    case Consistency::kLocalQuorum:
    case Consistency::kDcQuorum:
    case Consistency::kDcSafeQuorum:
      reach.in_data_centre[local] = MajorityOf(replicas_[local]);
      break;
    case Consistency::kEachQuorum:
    case Consistency::kDcEachSafeQuorum:
      for (size_t i = 0; i < replicas_.size(); ++i) {
        reach.in_data_centre[i] = MajorityOf(replicas_[i]);
      }
      break;
  }
  Complete(reach);
  return reach;
}

void Promises::Complete(Reach& reach) const {
  const int sum = std::accumulate(reach.in_data_centre.begin(), reach.in_data_centre.end(), 0);
  reach.in_all = std::max(reach.in_all, static_cast<uint16_t>(sum));
  for (size_t i = 0; i < replicas_.size(); ++i) {
    const auto elsewhere = static_cast<uint16_t>(all_ - replicas_[i]);
    reach.in_data_centre[i] = std::max(reach.in_data_centre[i], Minus(reach.in_all, elsewhere));
  }
}

bool Promises::Forgets(SimTime begin, SimTime end, const ReplicaCrash& replica_crash) const {
  const SimTime crash = replica_crash.at;
  if (replica_crash.since && end >= *replica_crash.since && begin <= crash) return true;
  switch (durability_) {
    case env::Durability::kAlways:
      return false;
    case env::Durability::kPeriodic:
      return crash >= begin && crash <= end + window_;
    case env::Durability::kNone:
      return crash >= begin;
  }
  QUORATE_CHECK(false);
}

Reach Promises::Without(const Reach& reach, SimTime begin, SimTime end,
                        const std::vector<ReplicaCrash>& crashes) const {
  std::set<uint16_t> forgetful;
  std::vector<size_t> lost(replicas_.size(), 0);
  for (const ReplicaCrash& crash : crashes) {
    if (!Forgets(begin, end, crash)) continue;
    if (forgetful.insert(crash.replica).second) ++lost.at(crash.data_centre);
  }
  Reach left = reach;
  left.in_all = Minus(left.in_all, forgetful.size());
  for (size_t i = 0; i < lost.size(); ++i) {
    left.in_data_centre[i] = Minus(left.in_data_centre[i], lost[i]);
  }
  return left;
}

bool Promises::Meet(const Reach& a, const Reach& b) const {
  if (a.in_all + b.in_all > all_) return true;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    if (a.in_data_centre[i] + b.in_data_centre[i] > replicas_[i]) return true;
  }
  return false;
}

}  // namespace quorate::sim
