// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/replay_apart.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <string_view>
#include <utility>

namespace quorate::sim {
namespace {

constexpr size_t kTextMax = 1024;

// What the process has to say, in memory that outlives it.
struct Told {
  uint64_t event = 0;
  uint64_t ticks = 0;  // that ended, of the life
  uint32_t rung = 0;
  uint32_t recorded = 0;
  bool finished = false;
  int code = 0;  // of the status
  std::array<char, kTextMax> text{};
  uint64_t replayed = 0, requests = 0, messages = 0, hash = 0, differs = 0, looked_at_tick = 0;
  std::array<char, kTextMax> looked_in{};
};

void Write(std::array<char, kTextMax>& to, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), to.size() - 1), to.begin());
}

class Progress final : public ReplayObserver {
 public:
  explicit Progress(Told& told) : told_(told) {}
  void TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) override {
    told_.ticks = tick;
    told_.rung = rung;
    told_.recorded = recorded;
  }

 private:
  Told& told_;
};

[[noreturn]] void Replay(const recording::Recording& recording, ReplayOptions options, int words,
                         Told& told) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(words, STDERR_FILENO);
  Progress progress(told);
  options.watchers.push_back(&progress);
  options.taken = &told.event;
  const absl::StatusOr<ShardReplay> replay = ReplayShard(recording, std::move(options));
  told.code = static_cast<int>(replay.status().code());
  if (!replay.ok()) {
    Write(told.text, MessageOf(replay.status()));
  } else {
    told.replayed = replay->ticks;
    told.requests = replay->requests;
    told.messages = replay->messages;
    told.hash = replay->hash;
    told.differs = replay->differs.value_or(0);
    told.looked_at_tick = replay->looked_at_tick;
    Write(told.looked_in, replay->looked_in);
  }
  told.finished = true;
  ::_exit(0);
}

// The last line of what a process said.
std::string LastWords(int words) {
  std::array<char, 4096> bytes{};
  const off_t end = ::lseek(words, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(bytes.size()));
  const ssize_t count = ::pread(words, bytes.data(), bytes.size(), begin);
  std::string_view text(bytes.data(), static_cast<size_t>(std::max<ssize_t>(0, count)));
  while (text.ends_with('\n')) text.remove_suffix(1);
  const size_t line = text.rfind('\n');
  return std::string(line == std::string_view::npos ? text : text.substr(line + 1));
}

std::string HowItDied(int status, int words) {
  std::string said = LastWords(words);
  if (!said.empty()) return said;
  return WIFSIGNALED(status) ? Format("signal %d", WTERMSIG(status))
                             : Format("exit code %d", WEXITSTATUS(status));
}

ReplayedApart Read(const Told& told) {
  ReplayedApart result;
  result.rung = told.rung;
  result.recorded = told.recorded;
  result.tick = told.ticks;
  ShardReplay replay;
  replay.ticks = told.replayed;
  replay.requests = told.requests;
  replay.messages = told.messages;
  replay.hash = told.hash;
  if (told.differs > 0) replay.differs = told.differs;
  replay.looked_in = told.looked_in.data();
  replay.looked_at_tick = told.looked_at_tick;
  result.replay = std::move(replay);
  return result;
}

}  // namespace

absl::StatusOr<ReplayedApart> ReplayApart(const recording::Recording& recording,
                                          ReplayOptions options) {
  void* const page =
      ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return Unavailable("no memory that processes share");
  Told& told = *new (page) Told;
  told.ticks = recording.header.ticks;
  const int words = ::memfd_create("words", MFD_CLOEXEC);
  std::fflush(stdout);
  const pid_t process = words < 0 ? -1 : ::fork();
  if (process == 0) Replay(recording, std::move(options), words, told);
  absl::StatusOr<ReplayedApart> result = Unavailable("no further process");
  if (process > 0) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (!told.finished) {
      ReplayedApart died;
      died.rung = told.rung;
      died.recorded = told.recorded;
      died.death = HowItDied(status, words);
      died.event = told.event;
      died.tick = told.ticks + 1;
      result = std::move(died);
    } else if (told.code != 0) {
      result = absl::Status(static_cast<absl::StatusCode>(told.code), told.text.data());
    } else {
      result = Read(told);
    }
  }
  if (words >= 0) ::close(words);
  ::munmap(page, sizeof(Told));
  return result;
}

}  // namespace quorate::sim
