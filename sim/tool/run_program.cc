// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/run_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace quorate::sim {
namespace {

constexpr int kSignalled = 128;
constexpr int kNoProgram = 127;

[[noreturn]] void Become(const std::string& folder, std::vector<std::string>& words, int pipe) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(pipe, STDOUT_FILENO);
  ::dup2(pipe, STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execvp(arguments.front(), arguments.data());
  ::_exit(kNoProgram);
}

}  // namespace

absl::StatusOr<Ran> RunProgram(const std::string& folder, std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Unavailable("no pipe to another program");
  std::fflush(stdout);
  const pid_t process = ::fork();
  if (process == 0) Become(folder, words, ends[1]);
  ::close(ends[1]);
  if (process < 0) {
    ::close(ends[0]);
    return Unavailable("no further process");
  }
  Ran ran;
  std::array<char, 4096> bytes{};
  for (ssize_t count = 1; count != 0;) {
    count = ::read(ends[0], bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) break;
    if (count > 0) ran.output.append(bytes.data(), static_cast<size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  return ran;
}

}  // namespace quorate::sim
