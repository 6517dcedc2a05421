// SPDX-License-Identifier: Apache-2.0
// The recordings of all shards of a world.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "adapters/recording/format.h"
#include "sim/scenario/scenario.h"
#include "sim/world/recording_store.h"
#include "sim/world/world.h"

namespace quorate::sim {

class RecordedWorld {
 public:
  static std::unique_ptr<RecordedWorld> Make(const char* scenario, uint64_t seed, Duration duration,
                                             bool hides, size_t segment_bytes_max) {
    auto recorded = std::make_unique<RecordedWorld>(hides, segment_bytes_max);
    WorldConfig config = MakeConfig(*FindScenario(scenario), seed, {});
    config.duration = std::min(config.duration, duration);
    config.recordings = &recorded->store_;
    absl::StatusOr<std::unique_ptr<World>> world = World::Create(std::move(config), {});
    EXPECT_TRUE(world.ok()) << MessageOf(world.status());
    static_cast<void>((*world)->Run());
    world->reset();
    recorded->Read();
    return recorded;
  }

  RecordedWorld(bool hides, size_t segment_bytes_max) : store_(hides, segment_bytes_max) {}

  [[nodiscard]] const std::vector<recording::Recording>& recordings() const { return recordings_; }
  // The one with most bytes of ticks.
  [[nodiscard]] const recording::Recording& largest() const {
    const auto bytes = [](const recording::Recording& recording) {
      size_t sum = 0;
      for (const std::string_view block : recording.ticks) sum += block.size();
      return sum;
    };
    return *std::max_element(recordings_.begin(), recordings_.end(),
                             [&](const auto& a, const auto& b) { return bytes(a) < bytes(b); });
  }

 private:
  void Read() {
    store_.ForEach([this](const std::string& name, const Bytes& bytes) {
      absl::StatusOr<recording::Recording> recording =
          recording::ReadRecording(*files_.emplace_back(std::make_unique<Bytes>(bytes)));
      ASSERT_TRUE(recording.ok()) << name << ": " << MessageOf(recording.status());
      recordings_.push_back(*std::move(recording));
    });
  }

  RecordingStore store_;
  std::vector<std::unique_ptr<Bytes>> files_;
  std::vector<recording::Recording> recordings_;  // point into them
};

}  // namespace quorate::sim
