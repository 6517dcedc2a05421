// SPDX-License-Identifier: Apache-2.0
// The cost of a command on its way in: parsed alone, and through a session into a port.
#include <benchmark/benchmark.h>

#include <string>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/parser.h"
#include "adapters/resp/session.h"

namespace quorate::resp {
namespace {

constexpr int kPipeline = 64;

Bytes Pipeline(bool set) {
  Bytes bytes;
  for (int i = 0; i < kPipeline; ++i) {
    const std::string key = "key:" + std::to_string(100000000000 + i);
    if (set) {
      EncodeCommand({"SET", key, std::string(64, 'v')}, bytes);
    } else {
      EncodeCommand({"GET", key}, bytes);
    }
  }
  return bytes;
}

void Parse(benchmark::State& state) {
  Bytes bytes = Pipeline(state.range(0) != 0);
  RequestParser parser;
  parser.SetLimits({.bulk_bytes_max = 512 * 1024 * 1024, .authenticated = true});
  for (auto _ : state) {
    std::span<char> input(bytes);
    while (parser.Next(input) == RequestParser::Step::kRequest) {
      benchmark::DoNotOptimize(parser.Argument(input.data(), parser.arguments() - 1));
      input = input.subspan(parser.consumed());
    }
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(Parse)->Arg(0)->Arg(1);

class NullShard final : public node::RequestPort, public SessionHost {
 public:
  void Attach(commands::Client& /*client*/) override {}
  void Detach(commands::Client& /*client*/) override {}
  void AddArgument(std::string_view argument) override { bytes_ += argument.size(); }
  commands::RequestSlot EndRequest(commands::Client& /*client*/) override { return {slot_++}; }
  [[nodiscard]] size_t bulk_bytes_max() const override { return 512 * 1024 * 1024; }
  [[nodiscard]] bool RequiresAuth(const commands::Client& /*client*/) const override {
    return false;
  }
  void OutputReady(Session& /*session*/) override {}
  void AfterTickNeeded(Session& /*session*/) override {}

 private:
  uint64_t slot_ = 0;
  size_t bytes_ = 0;
};

// Read, parse, hand over, answer +OK, gate, release, write.
void RoundTrip(benchmark::State& state) {
  const Bytes bytes = Pipeline(state.range(0) != 0);
  NullShard shard;
  Session session(shard, ClientId{1}, shard);
  uint64_t slot = 0;
  uint64_t barrier = 0;
  for (auto _ : state) {
    const std::span<char> space = session.InputSpace(16 * 1024);
    bytes.copy(space.data(), bytes.size());
    session.InputFilled(bytes.size());
    for (int i = 0; i < kPipeline; ++i) {
      session.Reply({slot}).Simple("OK");
      session.Complete({slot++});
    }
    session.Gate(++barrier);
    session.Release(barrier);
    session.AfterTick();
    session.OutputWritten(session.Output().size());
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(RoundTrip)->Arg(0)->Arg(1);

}  // namespace
}  // namespace quorate::resp

BENCHMARK_MAIN();
