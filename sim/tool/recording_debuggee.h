// SPDX-License-Identifier: Apache-2.0
// The shard of a recording under a debug session: its steps and positions are ticks.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sim/recording/shard_replayer.h"
#include "sim/recording/tick_story.h"
#include "sim/recording/waiting.h"
#include "sim/tool/debuggee.h"
#include "sim/tool/recording_input.h"

namespace quorate::sim {

class RecordingDebuggee final : public Debuggee {
 public:
  // Lent.
  explicit RecordingDebuggee(const RecordingInput& input);

  // Errors: of the file.
  absl::Status Open();

  bool Step(const Stop& stop) override;
  [[nodiscard]] bool quiet() const override { return quiet_; }
  [[nodiscard]] bool reached() const override { return watch_.reached; }
  [[nodiscard]] uint64_t position() const override { return replayer_->tick(); }
  [[nodiscard]] uint64_t beginning() const override { return input_.recording.header.ticks; }
  [[nodiscard]] std::string_view unit() const override { return "tick"; }
  void End() override;
  void Tell() const override;
  [[nodiscard]] std::optional<Stop> ParseStop(const Words& words) const override;
  [[nodiscard]] bool Look(const Words& words) const override;
  [[nodiscard]] std::string_view help_on_stops() const override;
  [[nodiscard]] std::string_view help_on_looks() const override;

 private:
  // Whether what it is to stop at has come.
  struct Watch final : ReplayObserver {
    void TickBegan(uint64_t tick, const Clocks& clocks) override;
    void TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) override;
    void Came(const wire::Message& message) override;
    void Attached(PoolId pool, ClientId client) override;
    void Detached(PoolId pool, ClientId client) override;
    void Asked(PoolId pool, ClientId client, commands::RequestSlot slot,
               const std::vector<std::string_view>& args) override;
    void Replied(PoolId pool, ClientId client, commands::RequestSlot slot,
                 std::string_view reply) override;
    void Of(ClientId client);

    Stop stop;
    bool reached = false;
    Instant began{};  // the clock of the tick before the first
  };

  void ShowAhead() const;
  void ShowShard() const;
  void ShowClients() const;
  void ShowWaiting() const;
  void ShowKey(const std::string& key) const;

  const RecordingInput& input_;
  Watch watch_;
  TickStory story_;
  Waiting waiting_;
  std::unique_ptr<ShardReplayer> replayer_;
  absl::Status status_;
  bool quiet_ = true;
};

}  // namespace quorate::sim
