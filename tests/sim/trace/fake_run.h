// SPDX-License-Identifier: Apache-2.0
// A world that only pretends: it emits events like those of a cluster, a function of the seed, so
// that traces can be tested without one.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "sim/core/run_hash.h"
#include "sim/trace/ladder.h"
#include "sim/trace/replay.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct FakeRun {
  uint64_t events = 20'000;
  uint64_t change_event = 0;  // this one carries something else; 0: none
  RunOutcome outcome{};       // hash and events are filled in

  absl::StatusOr<RunOutcome> operator()(const RunRecipe& recipe, WorldObserver& watch) const {
    Prng draws(recipe.seed);
    RunHash hash;
    WorldEvent event;
    RunOutcome end = outcome;
    for (uint64_t i = 1; i <= events && watch.wants_more(); ++i) {
      event.id = {i};
      event.cause = {i == 1 ? 0 : i - 1 - draws.Below(std::min<uint64_t>(i - 1, 700))};
      event.time = event.time + Duration(static_cast<int64_t>(draws.Below(90)));
      event.kind = static_cast<EventKind>(draws.Below(8));
      event.node = {static_cast<uint32_t>(draws.Below(recipe.nodes))};
      event.shard = static_cast<uint16_t>(draws.Chance(1, 4) ? 1 : 0);
      const bool alone = event.kind == EventKind::kTick || event.kind == EventKind::kCommitDone;
      event.peer = alone ? kNoNode.value : static_cast<uint32_t>(draws.Below(recipe.nodes));
      event.argument = draws.Next();
      if (i == change_event) event.argument ^= 1;
      AddEvent(hash, event);
      watch.Happened(event);
      end.events = i;
    }
    end.hash = hash.value();
    return end;
  }
};

inline RunRecipe FakeRecipe() {
  RunRecipe recipe;
  recipe.scenario = "kv-1000";
  recipe.seed = 7;
  recipe.nodes = 1000;
  recipe.duration = {600'000'000};
  recipe.settings = {{"replicas", "3"}, {"durability", "always"}};
  recipe.schedule = Bytes("not read here\0", 14);
  recipe.operations = {{1,
                        {2},
                        {3},
                        topology::Consistency::kOne,
                        topology::Consistency::kAll,
                        {"SET", "key", Bytes("\0\xff", 2)}}};
  return recipe;
}

}  // namespace quorate::sim
