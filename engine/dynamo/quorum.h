// SPDX-License-Identifier: Apache-2.0
// Counts the answers of replicas against a consistency level. Counted over the topology, never over
// who is up: a level that cannot be reached is not lowered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/base/ids.h"
#include "engine/topology/consistency.h"
#include "engine/topology/preference.h"

namespace quorate::dynamo {

using topology::Replica;

// Whose answers a level counts: of all replicas, of those of one data centre, of each by itself.
enum class Scope : uint8_t { kAll, kLocal, kEach };
[[nodiscard]] Scope ScopeOf(topology::Consistency level);

class Quorum {
 public:
  // `local` is the data centre that the LOCAL_ and DC_ levels mean.
  Quorum(const std::vector<Replica>& replicas, uint16_t local, topology::Consistency level);

  // Each replica, by its index, answers or fails at most once.
  void Succeed(size_t replica);
  void Fail(size_t replica);

  [[nodiscard]] bool reached() const;
  // Too many have failed for the level to be reached.
  [[nodiscard]] bool impossible() const;
  [[nodiscard]] bool Counts(size_t replica) const { return members_[replica].group >= 0; }
  [[nodiscard]] bool Answered(size_t replica) const {
    return members_[replica].answer != Answer::kNone;
  }
  [[nodiscard]] bool Succeeded(size_t replica) const {
    return members_[replica].answer == Answer::kOk;
  }
  [[nodiscard]] size_t wanted() const;
  [[nodiscard]] size_t had() const;
  [[nodiscard]] size_t replicas() const;
  // "2 of 3 replicas wanted, 1 answered".
  [[nodiscard]] std::string Describe() const;

 private:
  enum class Answer : uint8_t { kNone, kOk, kFailed };
  // Replicas that are counted together: all, or those of one data centre.
  struct Group {
    size_t replicas = 0;
    size_t wanted = 0;
    size_t had = 0;
    size_t failed = 0;
  };
  struct Member {
    int group = 0;  // -1: does not count for the level
    Answer answer = Answer::kNone;
  };
  absl::InlinedVector<Group, 1> groups_;
  absl::InlinedVector<Member, 5> members_;  // by the replica's index
};

}  // namespace quorate::dynamo
