// SPDX-License-Identifier: Apache-2.0
// What went into a tick and what came out of it, in words and in order.
#pragma once

#include <string>
#include <vector>

#include "sim/recording/replay_observer.h"

namespace quorate::sim {

class TickStory final : public ReplayObserver {
 public:
  // Of the tick under way; else of the last one, until the first that belongs to the next.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  void TickBegan(uint64_t tick, const Clocks& clocks) override;
  void TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) override;
  void Started() override { Add("the shard starts"); }
  void Stopped() override { Add("the shard is to stop"); }
  void Came(const wire::Message& message) override;
  void Committed(env::CommitToken token, absl::StatusCode code) override;
  void Scanned(const env::ScanDone& scan) override;
  void Attached(PoolId pool, ClientId client) override;
  void Detached(PoolId pool, ClientId client) override;
  void Asked(PoolId pool, ClientId client, commands::RequestSlot slot,
             const std::vector<std::string_view>& args) override;
  void Sent(const env::Target& target, const wire::Message& message) override;
  void CommitBegan(const env::WriteBatch& batch, env::CommitToken token) override;
  void ScanBegan(env::ReadToken token) override;
  void Replied(PoolId pool, ClientId client, commands::RequestSlot slot,
               std::string_view reply) override;
  void Logged(env::LogLevel level, std::string_view text) override;

 private:
  void Add(std::string line);

  std::vector<std::string> lines_;
  bool ended_ = true;
};

}  // namespace quorate::sim
