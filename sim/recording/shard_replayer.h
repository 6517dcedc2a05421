// SPDX-License-Identifier: Apache-2.0
// Executes a recording again: makes the shard from what the header says, loads its checkpoint where
// there is one, and gives it what it was given, tick by tick. After each tick the rung must be the
// recorded one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/recording/format.h"
#include "engine/base/planted_bug.h"
#include "engine/node/shard.h"
#include "sim/recording/replay_observer.h"

namespace quorate::sim {

struct ShardReplay {
  uint64_t ticks = 0;
  uint64_t requests = 0;
  uint64_t messages = 0;
  uint64_t hash = 0;  // of all effects
  // The first tick that did not end as recorded, counted from the start of the shard's life.
  std::optional<uint64_t> differs;
  // The first request that looks into a value which the recording has left out, if any; what
  // follows may differ for that.
  std::string looked_in;
  uint64_t looked_at_tick = 0;
};

// Sees every event before it is executed and may change or drop it; and keeps what was executed.
class EventEditor {
 public:
  virtual ~EventEditor() = default;
  // The event of the recording with that number, from 0, comes next.
  virtual void Next(uint64_t event) = 0;
  // False: it is dropped.
  virtual bool Edit(wire::Message& message) = 0;
  virtual bool Edit(env::CommitToken& token) = 0;
  virtual bool Edit(env::ReadToken& token) = 0;
  // The event as it is executed: with the rung of this replay, where it ends a tick; 0 where that
  // is not executed.
  virtual void Took(recording::EventKind kind, std::string_view bytes) = 0;
};

struct ReplayOptions {
  PlantedBug planted = PlantedBug::kNone;
  std::vector<ReplayObserver*> watchers;  // lent
  // From that event on, counted from 0, watchers are told and nothing is executed: it died there.
  uint64_t events_max = UINT64_MAX;
  // Where the events that have been taken are counted, for who outlives this process; may be null.
  uint64_t* taken = nullptr;
  // Lent; may be null. Where there is one, no tick differs.
  EventEditor* editor = nullptr;
};

class ShardReplayer {
 public:
  // `recording` is lent. Errors: DataLoss where it makes no sense.
  static absl::StatusOr<std::unique_ptr<ShardReplayer>> Create(
      const recording::Recording& recording, ReplayOptions options);
  ~ShardReplayer();
  ShardReplayer(const ShardReplayer&) = delete;
  ShardReplayer& operator=(const ShardReplayer&) = delete;

  // On to the end of the next tick. False where nothing is left: the recording is over, or a tick
  // differed, behind which nothing is executed. DataLoss where the events make no sense.
  absl::StatusOr<bool> Step();
  // Tells what goes into the next tick, and executes nothing: then, nor ever.
  absl::Status LookAhead();

  [[nodiscard]] uint64_t tick() const;  // the last that ended, from the start of the life
  [[nodiscard]] ShardReplay result() const;
  [[nodiscard]] const node::Shard& shard() const;
  [[nodiscard]] const topology::Topology& topology() const;

 private:
  class Impl;
  explicit ShardReplayer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// All of it. Errors: as above.
absl::StatusOr<ShardReplay> ReplayShard(const recording::Recording& recording,
                                        ReplayOptions options = {});

}  // namespace quorate::sim
