// SPDX-License-Identifier: Apache-2.0
// The network layer over thousands of unkind kernels. QUORATE_KERNEL_SEED=N runs one seed alone and
// says what happened in it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "adapters/resp/limits.h"
#include "tests/io/kernel/kernel_world.h"

namespace quorate::io {
namespace {

constexpr uint64_t kSeeds = 400;
constexpr uint64_t kSeedsLong = 5'000;
constexpr uint64_t kRepeatEvery = 20;
constexpr size_t kFailedSeedsMax = 20;
constexpr size_t kFailuresShown = 5;

std::string Told(uint64_t seed, const WorldResult& result) {
  std::string text =
      Format("seed %d%s (QUORATE_KERNEL_SEED=%d):", seed, result.tls ? " with TLS" : "", seed);
  for (size_t i = 0; i < std::min(result.failures.size(), kFailuresShown); ++i) {
    text += "\n  " + result.failures[i];
  }
  return text;
}

// An invariant that breaks ends the process: the seed is told then too.
volatile uint64_t running_seed = 0;
void TellSeed(int) {
  const std::string text = Format("aborted in seed %d (QUORATE_KERNEL_SEED)\n", running_seed);
  static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()) < 0);
}

WorldResult RunSeed(uint64_t seed) {
  running_seed = seed;
  std::signal(SIGABRT, TellSeed);
  return KernelWorld(seed).Run();
}

TEST(KernelProperty, HoldsUnderEveryKindOfFault) {
  if (const char* const one = std::getenv("QUORATE_KERNEL_SEED")) {
    const uint64_t seed = std::strtoull(one, nullptr, 10);
    const WorldResult result = RunSeed(seed);
    EXPECT_TRUE(result.failures.empty()) << Told(seed, result);
    std::printf("seed %lu: %lu calls, hash %016lx\n", static_cast<unsigned long>(seed),
                static_cast<unsigned long>(result.calls), static_cast<unsigned long>(result.hash));
    return;
  }
  const uint64_t seeds = std::getenv("QUORATE_LONG") != nullptr ? kSeedsLong : kSeeds;
  WorldResult all;
  size_t failed = 0;
  for (uint64_t seed = 1; seed <= seeds && failed < kFailedSeedsMax; ++seed) {
    const WorldResult result = RunSeed(seed);
    EXPECT_TRUE(result.failures.empty()) << Told(seed, result);
    if (!result.failures.empty()) ++failed;
    if (seed % kRepeatEvery == 0) {
      const WorldResult again = RunSeed(seed);
      EXPECT_EQ(again.hash, result.hash) << "seed " << seed << " differs from itself";
      EXPECT_EQ(again.calls, result.calls);
    }
    all.calls += result.calls;
    all.frames += result.frames;
    all.evicted += result.evicted;
    all.buffered_most = std::max(all.buffered_most, result.buffered_most);
    all.refused += result.refused;
    all.replies_complete += result.replies_complete;
    for (size_t i = 0; i < kFaults; ++i) all.faults[i] += result.faults[i];
  }
  for (size_t i = 0; i < kFaults; ++i) {
    EXPECT_GT(all.faults[i], 0u) << kFaultNames[i] << " had no effect in any seed";
    std::printf("%-16.*s %lu\n", static_cast<int>(kFaultNames[i].size()), kFaultNames[i].data(),
                static_cast<unsigned long>(all.faults[i]));
  }
  EXPECT_GT(all.evicted, 0u);
  EXPECT_GT(all.refused, 0u);
  EXPECT_GT(all.buffered_most, resp::kOutputBytesMax) << "no reader was slow enough";
  EXPECT_GT(all.replies_complete, seeds);
  EXPECT_GT(all.frames, seeds);
  std::printf("%lu seeds, %lu calls of the kernel\n", static_cast<unsigned long>(seeds),
              static_cast<unsigned long>(all.calls));
}

}  // namespace
}  // namespace quorate::io
