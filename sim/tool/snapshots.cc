// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/snapshots.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "engine/base/check.h"

namespace quorate::sim {
namespace {

// Waits for the end of a child, and describes it.
std::string WaitFor(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? Format("signal %d", WTERMSIG(status))
                             : Format("exit code %d", WEXITSTATUS(status));
}

}  // namespace

Snapshots::~Snapshots() {
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

absl::Status Snapshots::Open() {
  void* const page =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return Unavailable("no memory that processes share");
  shared_ = static_cast<Shared*>(page);  // zeroed
  return absl::OkStatus();
}

bool Snapshots::Take(uint64_t position) {
  if (positions_.size() >= kSnapshotsMax) return false;
  std::fflush(stdout);
  for (bool again = false;; again = true) {
    const pid_t process = ::fork();
    if (process < 0) return again;  // on without one
    if (process == 0) {
      positions_.push_back(position);
      return again;
    }
    const std::string how = WaitFor(process);
    if (shared_->over) ::_exit(shared_->code);
    if (!shared_->back) {
      shared_->target = std::max(shared_->reached, position);
      std::printf("the process died with %s in what came after #%llu; this is before that\n",
                  how.c_str(), static_cast<unsigned long long>(shared_->target));
      std::fflush(stdout);
    }
    shared_->back = shared_->target < position;
    if (shared_->back) ::_exit(0);
  }
}

uint64_t Snapshots::target() const { return shared_->target; }

void Snapshots::Reached(uint64_t position) { shared_->reached = position; }

void Snapshots::GoBack(uint64_t target) {
  QUORATE_CHECK(!positions_.empty() && positions_.front() <= target);
  std::fflush(stdout);
  shared_->target = target;
  shared_->back = true;
  ::_exit(0);
}

void Snapshots::End(int code) {
  std::fflush(stdout);
  shared_->code = code;
  shared_->over = true;
  ::_exit(code);
}

}  // namespace quorate::sim
