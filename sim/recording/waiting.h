// SPDX-License-Identifier: Apache-2.0
// What a replayed shard has begun and what it owes: requests without a reply, messages without an
// answer, commits and scans under way. What began before the recording is not known.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "sim/recording/limits.h"
#include "sim/recording/replay_observer.h"

namespace quorate::sim {

class Waiting final : public ReplayObserver {
 public:
  // `before`: ticks of the life before the recording.
  explicit Waiting(uint64_t before) : tick_(before + 1) {}

  struct Item {
    uint64_t tick = 0;  // in which it began
    std::string text;
  };
  using Request = std::tuple<PoolId, ClientId, uint64_t>;
  using Question = std::pair<NodeId, uint64_t>;

  [[nodiscard]] const std::set<std::pair<PoolId, ClientId>>& clients() const { return clients_; }
  [[nodiscard]] const std::map<Request, Item>& requests() const { return requests_; }
  [[nodiscard]] const std::map<Question, Item>& questions() const { return questions_; }
  [[nodiscard]] const std::map<uint64_t, Item>& commits() const { return commits_; }
  [[nodiscard]] const std::map<uint64_t, Item>& scans() const { return scans_; }

  void TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) override;
  void Came(const wire::Message& message) override;
  void Committed(env::CommitToken token, absl::StatusCode code) override;
  void Scanned(const env::ScanDone& scan) override;
  void Attached(PoolId pool, ClientId client) override { clients_.insert({pool, client}); }
  void Detached(PoolId pool, ClientId client) override;
  void Asked(PoolId pool, ClientId client, commands::RequestSlot slot,
             const std::vector<std::string_view>& args) override;
  void Sent(const env::Target& target, const wire::Message& message) override;
  void CommitBegan(const env::WriteBatch& batch, env::CommitToken token) override;
  void ScanBegan(env::ReadToken token) override;
  void Replied(PoolId pool, ClientId client, commands::RequestSlot slot,
               std::string_view reply) override;

 private:
  template <typename Key>
  void Begin(std::map<Key, Item>& items, const Key& key, std::string text);

  uint64_t tick_;  // under way, or the next
  std::set<std::pair<PoolId, ClientId>> clients_;
  std::map<Request, Item> requests_;
  std::map<Question, Item> questions_;
  std::map<uint64_t, Item> commits_;
  std::map<uint64_t, Item> scans_;
};

}  // namespace quorate::sim
