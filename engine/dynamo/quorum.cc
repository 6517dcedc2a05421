// SPDX-License-Identifier: Apache-2.0
#include "engine/dynamo/quorum.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace quorate::dynamo {
namespace {

using topology::Consistency;

enum class Share : uint8_t { kOne, kMajority, kEvery };

Share ShareOf(Consistency level) {
  switch (level) {
    case Consistency::kAny:
    case Consistency::kOne:
    case Consistency::kLocalOne:
    case Consistency::kDcOne:
      return Share::kOne;
    case Consistency::kQuorum:
    case Consistency::kLocalQuorum:
    case Consistency::kEachQuorum:
    case Consistency::kDcQuorum:
    case Consistency::kDcSafeQuorum:
    case Consistency::kDcEachSafeQuorum:
      return Share::kMajority;
    case Consistency::kAll:
      return Share::kEvery;
  }
  QUORATE_CHECK(false);
}

size_t WantedOf(Share share, size_t replicas) {
  switch (share) {
    case Share::kOne:
      return 1;
    case Share::kMajority:
      return replicas / 2 + 1;
    case Share::kEvery:
      return replicas;
  }
  QUORATE_CHECK(false);
}

}  // namespace

Scope ScopeOf(Consistency level) {
  switch (level) {
    case Consistency::kAny:
    case Consistency::kOne:
    case Consistency::kQuorum:
    case Consistency::kAll:
      return Scope::kAll;
    case Consistency::kLocalOne:
    case Consistency::kLocalQuorum:
    case Consistency::kDcOne:
    case Consistency::kDcQuorum:
    case Consistency::kDcSafeQuorum:
      return Scope::kLocal;
    case Consistency::kEachQuorum:
    case Consistency::kDcEachSafeQuorum:
      return Scope::kEach;
  }
  QUORATE_CHECK(false);
}

Quorum::Quorum(const std::vector<Replica>& replicas, uint16_t local, Consistency level) {
  const Scope scope = ScopeOf(level);
  members_.reserve(replicas.size());
  std::vector<int> group_of_data_centre;
  if (scope != Scope::kEach) groups_.resize(1);  // wanted even where it is empty: then impossible
  for (const Replica& replica : replicas) {
    int group = 0;
    if (scope == Scope::kLocal && replica.data_centre != local) group = -1;
    if (scope == Scope::kEach) {
      if (group_of_data_centre.size() <= replica.data_centre) {
        group_of_data_centre.resize(size_t{replica.data_centre} + 1, -1);
      }
      int& known = group_of_data_centre[replica.data_centre];
      if (known < 0) {
        known = static_cast<int>(groups_.size());
        groups_.emplace_back();
      }
      group = known;
    }
    members_.push_back({group, Answer::kNone});
    if (group >= 0) ++groups_[static_cast<size_t>(group)].replicas;
  }
  for (Group& group : groups_) group.wanted = WantedOf(ShareOf(level), group.replicas);
}

void Quorum::Succeed(size_t replica) {
  QUORATE_CHECK(replica < members_.size());
  if (Answered(replica)) return;
  members_[replica].answer = Answer::kOk;
  if (Counts(replica)) ++groups_[static_cast<size_t>(members_[replica].group)].had;
}

void Quorum::Fail(size_t replica) {
  QUORATE_CHECK(replica < members_.size());
  if (Answered(replica)) return;
  members_[replica].answer = Answer::kFailed;
  if (Counts(replica)) ++groups_[static_cast<size_t>(members_[replica].group)].failed;
}

bool Quorum::reached() const {
  return std::all_of(groups_.begin(), groups_.end(),
                     [](const Group& group) { return group.had >= group.wanted; });
}

bool Quorum::impossible() const {
  return std::any_of(groups_.begin(), groups_.end(), [](const Group& group) {
    return group.replicas - group.failed < group.wanted;
  });
}

size_t Quorum::wanted() const {
  size_t sum = 0;
  for (const Group& group : groups_) sum += group.wanted;
  return sum;
}
size_t Quorum::had() const {
  size_t sum = 0;
  for (const Group& group : groups_) sum += group.had;
  return sum;
}
size_t Quorum::replicas() const {
  size_t sum = 0;
  for (const Group& group : groups_) sum += group.replicas;
  return sum;
}

std::string Quorum::Describe() const {
  return Format("%u of %u replicas wanted, %u answered", wanted(), replicas(), had());
}

}  // namespace quorate::dynamo
