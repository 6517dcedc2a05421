// SPDX-License-Identifier: Apache-2.0
// A shard that echoes: it answers each request with its last argument when the tick ends, or later.
#pragma once

#include <string>
#include <vector>

#include "engine/node/request_port.h"

namespace quorate::io {

class FakePort final : public node::RequestPort {
 public:
  void Attach(commands::Client& client) override { clients.push_back(&client); }
  void Detach(commands::Client& client) override {
    std::erase(clients, &client);
    std::erase_if(pending_, [&](const Pending& pending) { return pending.client == &client; });
  }
  void AddArgument(std::string_view argument) override { arguments_.push_back(argument); }
  commands::RequestSlot EndRequest(commands::Client& client) override {
    const commands::RequestSlot slot{slots_[client.id.value]++};
    pending_.push_back({&client, slot, std::string(arguments_.back())});
    arguments_.clear();
    return slot;
  }
  [[nodiscard]] size_t bulk_bytes_max() const override { return size_t{512} << 20; }
  [[nodiscard]] bool RequiresAuth(const commands::Client&) const override { return false; }

  // The shard's EndTick.
  void EndTick() {
    ++ticks;
    if (hold) return;
    std::vector<Pending> now;
    now.swap(pending_);
    ++barrier_;
    for (const Pending& pending : now) {
      ++requests;
      pending.client->Reply(pending.slot).Bulk(pending.last);
      pending.client->Complete(pending.slot);
      pending.client->Gate(barrier_);
      pending.client->Release(barrier_);
    }
  }

  [[nodiscard]] bool waiting() const { return !pending_.empty(); }

  std::vector<commands::Client*> clients;
  bool hold = false;
  int ticks = 0;
  int requests = 0;

 private:
  struct Pending {
    commands::Client* client;
    commands::RequestSlot slot;
    std::string last;  // the argument's view ends with the tick
  };
  std::vector<std::string_view> arguments_;
  std::vector<Pending> pending_;
  std::map<uint64_t, uint64_t> slots_;
  uint64_t barrier_ = 0;
};

}  // namespace quorate::io
