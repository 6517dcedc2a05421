// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/children.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

// In front of an answer, so that one that was cut off is no answer.
constexpr char kWhole = 'w';
constexpr int kSignalled = 128;
// At one time: poll counts milliseconds in an int.
constexpr double kWaitSecondsMax = 3600.0;

bool WriteAll(int pipe, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(pipe, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return true;
}

[[noreturn]] void BeChild(int pipe, const Children::Work& work, bool quiet) {
  if (quiet) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
      ::dup2(nowhere, STDOUT_FILENO);
      ::dup2(nowhere, STDERR_FILENO);
    }
  }
  const Bytes answer = work();
  std::fflush(stdout);
  // The mark comes last: with it everything before it is there.
  const bool told = WriteAll(pipe, answer) && WriteAll(pipe, std::string_view(&kWhole, 1));
  ::_exit(told ? 0 : 1);
}

}  // namespace

Children::~Children() { EndFrom(0); }

absl::Status Children::Start(uint64_t tag, const Work& work, bool quiet) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Unavailable("no pipe to another process");
  std::fflush(stdout);
  const pid_t process = ::fork();
  if (process < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return Unavailable("no further process");
  }
  if (process == 0) BeChild(ends[1], work, quiet);
  ::close(ends[1]);
  running_.push_back({process, ends[0], tag, {}, SteadySeconds()});
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Children::Ended>> Children::Wait(double seconds) {
  const double until = SteadySeconds() + seconds;
  std::vector<pollfd> waiting;
  waiting.reserve(running_.size());
  for (const Child& child : running_) waiting.push_back({child.pipe, POLLIN, 0});
  std::array<char, size_t{1} << 16> buffer{};
  while (true) {
    const double left = std::clamp(until - SteadySeconds(), 0.0, kWaitSecondsMax);
    const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(left * 1000.0) + 1);
    if (ready < 0 && errno != EINTR) return Unavailable("cannot wait for other processes");
    for (size_t i = 0; ready > 0 && i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      const ssize_t got = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return Bury(i);
      running_[i].answer.append(buffer.data(), static_cast<size_t>(got));
    }
    if (SteadySeconds() >= until) return std::optional<Ended>();
  }
}

Children::Ended Children::Bury(size_t index) {
  Child child = std::move(running_[index]);
  running_.erase(running_.begin() + static_cast<ptrdiff_t>(index));
  ::close(child.pipe);
  int status = 0;
  while (::waitpid(child.process, &status, 0) < 0 && errno == EINTR) continue;
  Ended ended{child.tag, false, 0, std::move(child.answer), SteadySeconds() - child.began};
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  ended.finished = ended.code == 0 && ended.answer.ends_with(kWhole);
  if (ended.finished) ended.answer.pop_back();
  return ended;
}

void Children::EndFrom(uint64_t tag) {
  for (size_t i = running_.size(); i-- > 0;) {
    if (running_[i].tag < tag) continue;
    ::kill(running_[i].process, SIGKILL);
    static_cast<void>(Bury(i));
  }
}

}  // namespace quorate::sim
