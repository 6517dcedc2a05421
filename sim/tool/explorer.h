// SPDX-License-Identifier: Apache-2.0
// A run and what else could have come of it. Where it comes to an abstract state that no run has
// been in, and such have become rare, it is forked: each continuation begins an epoch there, and
// may be forked itself. A run waits for its continuations, so of each seed one process works at a
// time. Where there can be no further process they are made from the beginning, after the run.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "sim/core/draw_epochs.h"
#include "sim/oracle/suite.h"
#include "sim/tool/abstract_state.h"
#include "sim/tool/state_map.h"
#include "sim/world/world.h"

namespace quorate::sim {

// Continuations of continuations.
inline constexpr size_t kForkDepthMax = 3;
// Places of one run, and of one continuation, that it is forked at.
inline constexpr uint32_t kForksPerRun = 3;
// Continuations of one seed, however deep.
inline constexpr uint64_t kContinuationsPerSeed = 6;
// Looks, of all processes, at what is known before a new state: where all is new, as it is in the
// first seeds, the next seed is as good as any continuation.
inline constexpr uint64_t kQuietLooks = 16;
// Between two such places, since what follows one of them is all new.
inline constexpr uint64_t kForkGapEvents = 1024;

static_assert(kForkDepthMax < kEpochsMax);

class Explorer {
 public:
  struct Plan {
    uint32_t children = 2;  // of each place
    double until = 0.0;     // of the steady clock: nothing goes on any more
    bool forks = true;      // false: every continuation is made from the beginning
    uint64_t quiet_looks = kQuietLooks;
  };
  // The epochs of a run that fails; none where it does without.
  using Failing = std::vector<DrawEpoch>;
  struct Findings {
    std::vector<Failing> failing;
    uint64_t continuations = 0;  // that were begun
    friend bool operator==(const Findings&, const Findings&) = default;
  };

  // `map` outlives this.
  Explorer(WorldConfig config, StateMap& map, const Plan& plan);

  // The run and its continuations; the first that fails ends it all. InvalidArgument where the
  // configuration makes no world.
  absl::StatusOr<Findings> Run();

  // To be told to another process.
  static Bytes Encode(const Findings& findings);
  static absl::StatusOr<Findings> Decode(std::string_view bytes);

 private:
  void Go();
  [[nodiscard]] bool Goes() const;
  // Whether to fork here.
  [[nodiscard]] bool IsNew();
  void Fork();
  // In the child, from where it was forked.
  Bytes Continue(const DrawEpoch& epoch);
  void Take(const Findings& findings);
  void CountEvents();
  void End();

  WorldConfig config_;
  StateMap& map_;
  const Plan plan_;
  const size_t epochs_at_first_;
  OracleSuite oracles_;
  StateWatch watch_;
  std::unique_ptr<World> world_;
  uint32_t forks_ = 0;
  uint64_t forked_at_ = 0;  // this event
  uint64_t counted_ = 0;    // events
  Findings findings_;
  std::vector<std::vector<DrawEpoch>> later_;  // to be made from the beginning
};

}  // namespace quorate::sim
