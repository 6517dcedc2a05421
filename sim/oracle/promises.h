// SPDX-License-Identifier: Apache-2.0
// The table of promises (engine/dynamo/README.md: what a level and a durability mean), as
// arithmetic that shares no code with the engine that is judged by it.
//
// A level reaches at least so many replicas in each data centre, and in all. Two accesses meet in a
// replica where their counts exceed the number of replicas; what a replica forgot in a crash is
// taken off first. Everything the oracles demand follows from two questions: is a write still held
// by somebody, and did a later access meet it.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/base/time.h"
#include "engine/env/storage.h"
#include "engine/topology/consistency.h"
#include "sim/core/sim_time.h"

namespace quorate::sim {

// Replicas that certainly took part.
struct Reach {
  using Counts = absl::InlinedVector<uint16_t, 4>;  // by data centre
  Counts in_data_centre;
  uint16_t in_all = 0;
  friend bool operator==(const Reach&, const Reach&) = default;
  friend std::strong_ordering operator<=>(const Reach& a, const Reach& b) {
    const auto order =
        std::lexicographical_compare_three_way(a.in_data_centre.begin(), a.in_data_centre.end(),
                                               b.in_data_centre.begin(), b.in_data_centre.end());
    return order != 0 ? order : a.in_all <=> b.in_all;
  }
};

// A replica of the key at hand lost what it had not made durable.
struct ReplicaCrash {
  SimTime at;
  uint16_t replica = 0;  // any number that tells the replicas of a key apart
  uint16_t data_centre = 0;
  // It lost everything since then, whatever the durability says.
  std::optional<SimTime> since = std::nullopt;
};

class Promises {
 public:
  // `replicas`: of each key, per data centre. `window`: within which `periodic` syncs.
  Promises(std::vector<uint16_t> replicas, env::Durability durability, Duration window);

  // `local` is what the LOCAL_ and DC_ levels mean. ANY reaches no replica for sure: a hint will
  // do.
  [[nodiscard]] Reach Of(topology::Consistency level, uint16_t local) const;

  // The reach that is left of an access of [begin, end] after the crashes, any of which may have
  // hit a replica that was counted.
  [[nodiscard]] Reach Without(const Reach& reach, SimTime begin, SimTime end,
                              const std::vector<ReplicaCrash>& crashes) const;

  // True where some replica must have taken part in both.
  [[nodiscard]] bool Meet(const Reach& a, const Reach& b) const;

  [[nodiscard]] size_t data_centres() const { return replicas_.size(); }

 private:
  [[nodiscard]] bool Forgets(SimTime begin, SimTime end, const ReplicaCrash& crash) const;
  // Fills in what the total implies for each data centre, and the other way round.
  void Complete(Reach& reach) const;

  std::vector<uint16_t> replicas_;
  uint16_t all_ = 0;
  env::Durability durability_;
  Duration window_;
};

}  // namespace quorate::sim
