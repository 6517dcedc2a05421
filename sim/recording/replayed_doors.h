// SPDX-License-Identifier: Apache-2.0
// What stands around a shard that is executed again: nothing goes anywhere, and watchers see it.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "adapters/recording/recorder.h"
#include "adapters/resp/reply_writer.h"
#include "sim/recording/replay_observer.h"

namespace quorate::sim {

// Lent to all that tell.
class ReplayWatchers {
 public:
  explicit ReplayWatchers(std::vector<ReplayObserver*> watchers) : watchers_(std::move(watchers)) {}

  template <typename... Parameters, typename... Values>
  void Tell(void (ReplayObserver::*what)(Parameters...), const Values&... values) const {
    for (ReplayObserver* const watcher : watchers_) (watcher->*what)(values...);
  }

 private:
  const std::vector<ReplayObserver*> watchers_;
};

class ReplayedDoors final : public env::Network,
                            public env::Storage,
                            public env::Observer,
                            public recording::BlockSink {
 public:
  explicit ReplayedDoors(const ReplayWatchers& watchers) : watchers_(watchers) {}

  void Send(const env::Target& target, wire::Message message) override {
    watchers_.Tell(&ReplayObserver::Sent, target, message);
  }
  void Commit(env::WriteBatch batch, env::Durability, env::CommitToken token) override {
    watchers_.Tell(&ReplayObserver::CommitBegan, batch, token);
  }
  void Scan(env::ScanRequest, env::ReadToken token) override {
    watchers_.Tell(&ReplayObserver::ScanBegan, token);
  }
  void Log(env::LogLevel level, std::string_view text) override {
    watchers_.Tell(&ReplayObserver::Logged, level, text);
  }
  bool Ready() override { return false; }
  void BeginSegment() override {}
  bool Put(Bytes) override { return true; }

 private:
  const ReplayWatchers& watchers_;
};

// A client whose replies are looked at and thrown away.
class ReplayedClient final : public commands::Client {
 public:
  ReplayedClient(PoolId pool, ClientId client_id, node::ReplyTap& tap,
                 const ReplayWatchers& watchers)
      : pool_(pool), tap_(tap), watchers_(watchers), writer_(state.protocol, reply_error) {
    id = client_id;
  }
  commands::ReplySink& Reply(commands::RequestSlot) override {
    reply_.clear();
    writer_.SetOutput(reply_);
    return writer_;
  }
  void Complete(commands::RequestSlot slot) override {
    tap_.Replied(id, slot, reply_);
    watchers_.Tell(&ReplayObserver::Replied, pool_, id, slot, std::string_view(reply_));
  }
  void Gate(uint64_t) override {}
  void Release(uint64_t barrier) override { tap_.Released(id, barrier); }
  void Close() override {}
  [[nodiscard]] commands::ClientBuffers buffers() const override { return {}; }

 private:
  const PoolId pool_;
  node::ReplyTap& tap_;
  const ReplayWatchers& watchers_;
  resp::ReplyWriter writer_;
  Bytes reply_;
};

}  // namespace quorate::sim
