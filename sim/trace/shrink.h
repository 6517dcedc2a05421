// SPDX-License-Identifier: Apache-2.0
// Makes a failing run small, as data: fewer faults, fewer clients and operations, fewer nodes and
// pools, settings back at their plain values, less time; the same failure. Which candidates still
// fail is for a judge to say, so that this folder runs nothing. Draws are keyed, so what stays in a
// recipe goes on doing what it did: that is why it works at all.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/sim_time.h"
#include "sim/fault/schedule.h"
#include "sim/trace/trace.h"

namespace quorate::sim {

// What a run showed that failed as it must.
struct Sighting {
  SimTime time;                               // of the event that failed
  std::vector<RecordedOperation> operations;  // that its clients made; none where unknown
};
struct Sighted {
  size_t candidate = 0;
  Sighting sighting;
};

class ShrinkJudge {
 public:
  virtual ~ShrinkJudge() = default;
  // The first of these, in their order, that fails as it must; nothing where none does, or there is
  // no time left. A recipe that makes no world does not fail.
  virtual std::optional<Sighted> FirstThatFails(const std::vector<RunRecipe>& candidates) = 0;
  // Without it there is no use in making candidates, each of which is a copy of all operations.
  [[nodiscard]] virtual bool has_time() const = 0;
};

// How large a failing run is.
struct RunSize {
  size_t faults = 0;
  size_t epochs = 0;
  uint32_t nodes = 0;
  uint32_t pools = 1;
  uint32_t clients = 0;    // that make operations
  size_t operations = 0;   // 0: drawn by the workload
  size_t drawn_knobs = 0;  // settings that are not plain
  SimTime duration;
  friend bool operator==(const RunSize&, const RunSize&) = default;
};
// "3 faults, 3 nodes, 2 clients, 14 operations, 5 drawn settings, 4.250 s"; epochs where there are
// some, pools where there are several.
[[nodiscard]] std::string Describe(const RunSize& size);

using RecipeSettings = std::vector<std::pair<std::string, std::string>>;

class Shrinker {
 public:
  // `failing` has its settings and its schedule as data and was seen to fail. `plain`: what the
  // settings are where nobody draws them. `tell` hears of every step. The judge outlives this.
  Shrinker(RunRecipe failing, Sighting sighting, RecipeSettings plain, ShrinkJudge& judge,
           std::function<void(const RunSize&)> tell);

  // Until nothing gets smaller, or the judge has no time left. The smallest recipe that failed.
  RunRecipe Run();

  [[nodiscard]] RunSize size() const;
  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  // The settings that must be as they were drawn.
  [[nodiscard]] RecipeSettings DrawnSettings() const;

 private:
  struct Candidate {
    RunRecipe recipe;
    Schedule schedule;
  };
  // Goes on with the first of them that fails, and says which it was.
  std::optional<size_t> Take(std::vector<Candidate> candidates);

  // Each makes one thing smaller, as far as it goes, and is true where it did.
  bool ShortenTime();
  bool DropFaults();
  bool DropTargets();
  bool DropEpochs();
  bool DropNodes();
  bool DropPools();
  bool DropClients();
  bool RecordOperations();
  bool DropBeginning();
  bool DropOperations();
  // Of the operations whole groups at a time: what is equal to `group_of` goes or stays together.
  bool DropGroups(const std::function<std::string(const RecordedOperation&)>& group_of);
  bool MakePlain();

  [[nodiscard]] Candidate Current() const { return {recipe_, schedule_}; }
  [[nodiscard]] Candidate Lasting(SimTime duration) const;
  // In a smaller cluster, in every shape that may do.
  [[nodiscard]] std::vector<Candidate> WithNodes(uint32_t nodes) const;
  // Those behind it move up.
  [[nodiscard]] Candidate WithoutPool(size_t pool) const;

  RunRecipe recipe_;
  Schedule schedule_;
  Sighting sighting_;
  uint32_t shakes_ = 0;  // how often each candidate is tried once more, shaken
  const RecipeSettings plain_;
  ShrinkJudge& judge_;
  const std::function<void(const RunSize&)> tell_;
};

}  // namespace quorate::sim
