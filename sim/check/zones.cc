// SPDX-License-Identifier: Apache-2.0
#include "sim/check/zones.h"

#include <algorithm>

namespace quorate::sim::check {

ZoneChecker::Cluster& ZoneChecker::ClusterOf(ValueId value) {
  if (value >= clusters_.size())
    clusters_.resize(std::max<size_t>(value + 1, clusters_.size() * 2));
  Cluster& cluster = clusters_[value];
  if (!cluster.touched) {
    cluster = {};
    cluster.touched = true;
    touched_.push_back(value);
  }
  return cluster;
}

bool ZoneChecker::Gather(const Problem& problem) {
  for (const ValueId value : touched_) clusters_[value].touched = false;
  touched_.clear();
  for (const Entry& entry : problem.entries) {
    if (entry.action != Action::kRead && entry.action != Action::kWrite) return false;
    Cluster& cluster = ClusterOf(entry.value);
    if (entry.action == Action::kRead) {
      cluster.read = true;
    } else {
      if (cluster.written != kNever) return false;
      cluster.written = entry.called;
    }
    cluster.happened |= !entry.optional;
    cluster.first_return = std::min(cluster.first_return, entry.returned);
    cluster.last_call = std::max(cluster.last_call, entry.called);
  }
  // Where the beginning is known, a write of the same value is the second.
  if (problem.starts.size() != 1 || problem.starts.front() == kOtherValue) return true;
  return ClusterOf(problem.starts.front()).written == kNever;
}

bool ZoneChecker::ReadsAreOfWrites(const Problem& problem) {
  bool began = false;
  for (const ValueId value : touched_) {
    Cluster& cluster = clusters_[value];
    if (!cluster.read) continue;
    if (cluster.written != kNever) {
      if (cluster.first_return < cluster.written) return false;
      continue;
    }
    // Only one value can have been there at first.
    if (began ||
        std::find(problem.starts.begin(), problem.starts.end(), value) == problem.starts.end()) {
      return false;
    }
    began = true;
    cluster.first_return = kBeginning;
  }
  return true;
}

bool ZoneChecker::ZonesAgree() {
  forward_.clear();
  backward_.clear();
  for (const ValueId value : touched_) {
    const Cluster& cluster = clusters_[value];
    if (!cluster.happened) continue;
    if (cluster.first_return < cluster.last_call) {
      forward_.push_back({cluster.first_return, cluster.last_call});
    } else if (cluster.first_return != kNever) {
      backward_.push_back({cluster.last_call, cluster.first_return});
    }
  }
  const auto by_begin = [](const Zone& a, const Zone& b) { return a.from < b.from; };
  std::sort(forward_.begin(), forward_.end(), by_begin);
  for (size_t i = 1; i < forward_.size(); ++i) {
    if (forward_[i].from < forward_[i - 1].to) return false;
  }
  for (const Zone& zone : backward_) {
    // The last forward zone that begins before this one; the earlier ones end before that begins.
    const auto after = std::upper_bound(forward_.begin(), forward_.end(), zone, by_begin);
    if (after != forward_.begin() && zone.to < std::prev(after)->to) return false;
  }
  return true;
}

std::optional<Verdict> ZoneChecker::Check(const Problem& problem) {
  if (!Gather(problem)) return std::nullopt;
  const bool holds = ReadsAreOfWrites(problem) && ZonesAgree();
  return holds ? Verdict::kLinearizable : Verdict::kNotLinearizable;
}

}  // namespace quorate::sim::check
