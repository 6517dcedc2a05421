// SPDX-License-Identifier: Apache-2.0
// How long it takes to read and judge a history of a million operations.
#include <benchmark/benchmark.h>

#include <string>

#include "sim/check/checker.h"
#include "sim/check/parse.h"
#include "sim/check/text_format.h"
#include "tests/sim/check/make_history.h"

namespace quorate::sim::check {
namespace {

constexpr uint32_t kMillion = 1'000'000;

void JudgeText(benchmark::State& state, const MakeOptions& options) {
  const std::string file = EncodeText(MakeHistory(options));
  for (auto _ : state) {
    absl::StatusOr<History> history = ParseHistory(file, FileFormat::kText);
    const absl::StatusOr<Findings> findings = CheckHistory(*history, options.model);
    if (!findings.ok() || findings->verdict != Verdict::kLinearizable) {
      state.SkipWithError("not linearizable");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * options.operations);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(file.size()));
}

void RegisterOfOneKey(benchmark::State& state) {
  JudgeText(state, {.operations = kMillion, .clients = 20, .unknown_share = 1});
}
BENCHMARK(RegisterOfOneKey)->Unit(benchmark::kMillisecond);

void RegistersOfThousandKeys(benchmark::State& state) {
  JudgeText(state, {.operations = kMillion, .clients = 50, .keys = 1000, .unknown_share = 1});
}
BENCHMARK(RegistersOfThousandKeys)->Unit(benchmark::kMillisecond);

// Not for zones.
void CompareAndSetOfThousandKeys(benchmark::State& state) {
  JudgeText(state, {.operations = kMillion,
                    .clients = 20,
                    .keys = 1000,
                    .read_share = 50,
                    .cas_share = 20,
                    .values = 5});
}
BENCHMARK(CompareAndSetOfThousandKeys)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quorate::sim::check
