// SPDX-License-Identifier: Apache-2.0
// One shard of one node, alone, under a recorder: a test gives it requests tick by tick.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "adapters/recording/recorder.h"
#include "adapters/resp/reply_writer.h"
#include "sim/world/recording_store.h"
#include "tests/engine/topology/specs.h"

namespace quorate::sim {

class RecordedShard final : public env::Network, public env::Storage, public env::Observer {
 public:
  struct Options {
    bool hides = false;
    size_t segment_bytes_max = size_t{1} << 20;
    recording::CheckpointPace pace;
    size_t memory_bytes_max = 0;  // 0: no limit; otherwise it evicts
  };

  explicit RecordedShard(const Options& options)
      : store_(options.hides, options.segment_bytes_max, options.pace),
        sink_(store_.Open(0, 1, 0)),
        topology_(topology::MakeTopology(topology::MakeSpec(1, 1, 1))) {
    recording::RecorderOptions recorded;
    recorded.hides = options.hides;
    recorded.segment_bytes_max = options.segment_bytes_max;
    recorded.pace = options.pace;
    node::ShardOptions& shard = recorded.start.options;
    shard.record = {NodeId{1}, Incarnation{1}, Incarnation{0}};
    node::PoolOptions pool;
    pool.durability = env::Durability::kNone;
    pool.memory_bytes_max = options.memory_bytes_max;
    if (options.memory_bytes_max > 0) pool.eviction = node::Eviction::kClock;
    shard.pools.push_back(pool);
    recorded.start.topology = topology_.Encode();
    options_ = shard;
    recorder_ = std::make_unique<recording::Recorder>(recorded, sink_, *this, *this, *this);
    shard_ = std::make_unique<node::Shard>(options_, topology_, *recorder_, *recorder_, *this);
    recorder_->SetShard(*shard_);
    Tick({});
    recorder_->Port(PoolId{}).Attach(client_);
    while (shard_->loading()) Tick({});
  }

  // A tick with these requests, a while after the one before.
  void Tick(const std::vector<std::vector<std::string>>& requests, Duration later = 1ms) {
    now_ += later;
    recorder_->BeginTick({now_, WallTime{now_.time_since_epoch() / 1ms}});
    if (!std::exchange(started_, true)) recorder_->Start();
    for (env::StorageEvent& event : std::exchange(done_, {})) {
      recorder_->OnStorage(std::move(event));
    }
    for (const std::vector<std::string>& request : requests) {
      node::RequestPort& port = recorder_->Port(PoolId{});
      for (const std::string& argument : request) port.AddArgument(argument);
      port.EndRequest(client_);
    }
    recorder_->EndTick();
    recorder_->Turn();
  }
  void Finish() { recorder_->Finish(); }

  [[nodiscard]] const RecordingStore& store() const { return store_; }
  [[nodiscard]] const recording::Recorder& recorder() const { return *recorder_; }
  [[nodiscard]] node::Shard::Stats stats() const { return shard_->stats(); }
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }

  void Send(const env::Target&, wire::Message) override {}
  void Commit(env::WriteBatch, env::Durability, env::CommitToken token) override {
    done_.push_back(env::CommitDone{token, absl::OkStatus()});
  }
  void Scan(env::ScanRequest, env::ReadToken token) override {
    done_.push_back(env::ScanDone{token, env::ScanResult{{}, true}});
  }
  void Log(env::LogLevel, std::string_view text) override { log_.emplace_back(text); }

 private:
  struct OneClient final : commands::Client {
    explicit OneClient(RecordedShard& owner) : shard(owner), writer(state.protocol, reply_error) {
      id = ClientId{7};
    }
    commands::ReplySink& Reply(commands::RequestSlot) override {
      reply.clear();
      writer.SetOutput(reply);
      return writer;
    }
    void Complete(commands::RequestSlot slot) override {
      shard.recorder_->Replied(id, slot, reply);
    }
    void Gate(uint64_t) override {}
    void Release(uint64_t barrier) override { shard.recorder_->Released(id, barrier); }
    void Close() override {}
    [[nodiscard]] commands::ClientBuffers buffers() const override { return {}; }

    RecordedShard& shard;
    resp::ReplyWriter writer;
    Bytes reply;
  };

  RecordingStore store_;
  recording::BlockSink& sink_;
  const topology::Topology topology_;
  node::ShardOptions options_;
  std::unique_ptr<recording::Recorder> recorder_;
  std::unique_ptr<node::Shard> shard_;
  OneClient client_{*this};
  std::deque<env::StorageEvent> done_;
  std::vector<std::string> log_;
  Instant now_{1s};
  bool started_ = false;
};

}  // namespace quorate::sim
