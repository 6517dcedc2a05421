// SPDX-License-Identifier: Apache-2.0
// The data path without sockets: RESP bytes into a session, through one shard, reply bytes out, in
// ticks of 50 connections with 16 commands each over a million keys. What is left is what the
// engine costs.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/session.h"
#include "engine/base/random.h"
#include "engine/node/shard.h"
#include "tests/engine/topology/specs.h"

namespace quorate {
namespace {

constexpr uint64_t kKeys = 1'000'000;
constexpr size_t kConnections = 50;
constexpr size_t kPipeline = 16;

class World final : public env::Network,
                    public env::Storage,
                    public env::Observer,
                    public resp::SessionHost {
 public:
  World() {
    topology_ =
        std::make_unique<topology::Topology>(topology::MakeTopology(topology::MakeSpec(1, 1, 1)));
    options_.record = {NodeId{1}, Incarnation{1}, Incarnation{}};
    node::PoolOptions pool_options;
    pool_options.durability = env::Durability::kNone;
    options_.pools.push_back(pool_options);
    shard_ = std::make_unique<node::Shard>(options_, *topology_, *this, *this, *this);
    Begin();
    shard_->Start();
    End();
    for (uint64_t i = 0; i < kConnections; ++i) {
      sessions_.push_back(
          std::make_unique<resp::Session>(shard_->Port(PoolId{}), ClientId{i + 1}, *this));
    }
  }
  ~World() override { sessions_.clear(); }

  void Send(const env::Target&, wire::Message) override {}
  void Commit(env::WriteBatch, env::Durability, env::CommitToken token) override {
    done_.push_back(env::CommitDone{token, absl::OkStatus()});
  }
  void Scan(env::ScanRequest, env::ReadToken token) override {
    done_.push_back(env::ScanDone{token, env::ScanResult{{}, true}});
  }
  void Log(env::LogLevel, std::string_view) override {}
  void OutputReady(resp::Session&) override {}
  void AfterTickNeeded(resp::Session& session) override { after_.push_back(&session); }

  // One tick: each connection hands in the same bytes.
  void Tick(const std::vector<std::string>& inputs) {
    Begin();
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto space = sessions_[i]->InputSpace(inputs[i].size());
      std::memcpy(space.data(), inputs[i].data(), inputs[i].size());
      sessions_[i]->InputFilled(inputs[i].size());
    }
    End();
    for (const auto& session : sessions_) session->OutputWritten(session->Output().size());
  }

 private:
  void Begin() {
    now_ += 1ms;
    shard_->BeginTick({now_, WallTime{now_.time_since_epoch().count() / 1000}});
    std::vector<env::StorageEvent> done;
    done.swap(done_);
    for (env::StorageEvent& event : done) shard_->OnStorage(std::move(event));
  }
  void End() {
    shard_->EndTick();
    std::vector<resp::Session*> after;
    after.swap(after_);
    for (resp::Session* session : after) session->AfterTick();
  }

  std::unique_ptr<topology::Topology> topology_;
  node::ShardOptions options_;
  std::unique_ptr<node::Shard> shard_;
  std::vector<std::unique_ptr<resp::Session>> sessions_;
  std::vector<resp::Session*> after_;
  std::vector<env::StorageEvent> done_;
  Instant now_{1s};
};

std::string Key(uint64_t i) {
  std::string key = std::to_string(i);
  return "key:" + std::string(12 - key.size(), '0') + key;
}

std::string Command(bool set, uint64_t key, const std::string& value) {
  Bytes bytes;
  const std::string name = Key(key);
  if (set) {
    resp::EncodeCommand(std::vector<std::string_view>{"SET", name, value}, bytes);
  } else {
    resp::EncodeCommand(std::vector<std::string_view>{"GET", name}, bytes);
  }
  return bytes;
}

World& Loaded() {
  static World world;
  static bool loaded = false;
  if (loaded) return world;
  loaded = true;
  const std::string value(64, 'v');
  for (uint64_t i = 0; i < kKeys; i += kPipeline) {
    std::vector<std::string> inputs(1);
    for (uint64_t j = i; j < i + kPipeline; ++j) inputs[0] += Command(true, j, value);
    world.Tick(inputs);
  }
  return world;
}

void Run(benchmark::State& state, bool set) {
  World& world = Loaded();
  const std::string value(64, 'w');
  std::vector<std::vector<std::string>> ticks(64, std::vector<std::string>(kConnections));
  Prng random(1);
  for (auto& tick : ticks) {
    for (auto& input : tick) {
      for (size_t i = 0; i < kPipeline; ++i) input += Command(set, random.Below(kKeys), value);
    }
  }
  size_t tick = 0;
  for (auto _ : state) world.Tick(ticks[tick++ % ticks.size()]);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kConnections * kPipeline));
}

void Set(benchmark::State& state) { Run(state, true); }
void Get(benchmark::State& state) { Run(state, false); }
BENCHMARK(Set);
BENCHMARK(Get);

}  // namespace
}  // namespace quorate

BENCHMARK_MAIN();
