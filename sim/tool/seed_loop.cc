// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/seed_loop.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <vector>

#include "sim/tool/exit_codes.h"
#include "sim/tool/run_command.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

class SeedLoop {
 public:
  SeedLoop(const Scenario& scenario, const Arguments& arguments, MemoryMeter& memory)
      : scenario_(scenario), arguments_(arguments), memory_(memory), next_(arguments.seeds.first) {}

  int Run() {
    const double began = SteadySeconds();
    while (!ended_ || !running_.empty()) {
      while (!ended_ && running_.size() < arguments_.jobs) {
        if (!StartNext()) return kExitSystem;
      }
      if (!WaitForOne()) return kExitSystem;
    }
    const double core_hours = (SteadySeconds() - began) * arguments_.jobs / 3600.0;
    std::printf("%llu seeds, %zu failed, %.0f seeds per core-hour\n",
                static_cast<unsigned long long>(done_), failed_.size(),
                static_cast<double>(done_) / core_hours);
    for (const auto& [seed, code] : failed_) {
      std::printf("failed: seed %llu, exit code %d\n", static_cast<unsigned long long>(seed), code);
    }
    return failed_.empty() ? kExitOk : failed_.begin()->second;
  }

 private:
  bool StartNext() {
    const uint64_t seed = next_;
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child < 0) return false;
    if (child == 0) ::_exit(RunAndPrint(scenario_, seed, arguments_, memory_));
    running_[child] = seed;
    ended_ = seed == arguments_.seeds.last;
    next_ = seed + 1;
    return true;
  }

  bool WaitForOne() {
    int status = 0;
    const pid_t child = ::waitpid(-1, &status, 0);
    const auto found = running_.find(child);
    if (found == running_.end()) return false;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : ExitCodeOf(FailureKind::kAborted);
    if (code != kExitOk) failed_[found->second] = code;
    if (!WIFEXITED(status)) {
      std::printf("FAILED scenario=%s seed=%llu died of signal %d\n",
                  std::string(scenario_.name).c_str(),
                  static_cast<unsigned long long>(found->second), WTERMSIG(status));
    }
    running_.erase(found);
    ++done_;
    return true;
  }

  const Scenario& scenario_;
  const Arguments& arguments_;
  MemoryMeter& memory_;
  uint64_t next_;
  bool ended_ = false;
  uint64_t done_ = 0;
  std::map<pid_t, uint64_t> running_;
  std::map<uint64_t, int> failed_;
};

}  // namespace

int RunSeeds(const Scenario& scenario, const Arguments& arguments, MemoryMeter& memory) {
  return SeedLoop(scenario, arguments, memory).Run();
}

}  // namespace quorate::sim
