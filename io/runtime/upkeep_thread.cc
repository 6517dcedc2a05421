// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/upkeep_thread.h"

#include "io/runtime/limits.h"
#include "io/runtime/system_clocks.h"

namespace quorate::io {

void UpkeepThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void UpkeepThread::Stop() {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.WakeAll();
  }
  thread_.join();
}

void UpkeepThread::Note() {
  if (noted_.load(std::memory_order_relaxed) || noted_.exchange(true)) return;
  MutexLock lock(mutex_);
  wake_.WakeAll();
}

absl::Status UpkeepThread::failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

// False where the thread is to end.
bool UpkeepThread::WaitForWork() {
  MutexLock lock(mutex_);
  while (!stopping_ && !noted_.exchange(false)) wake_.Wait(mutex_);
  return !stopping_;
}

bool UpkeepThread::Pause(Duration duration) {
  const Instant until = ReadMonotonic() + duration;
  MutexLock lock(mutex_);
  while (!stopping_) {
    const Duration left = until - ReadMonotonic();
    if (left <= Duration(0)) break;
    wake_.WaitFor(mutex_, left);
  }
  return !stopping_;
}

void UpkeepThread::Run() {
  while (WaitForWork()) {
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more) {
      more = backend_.Maintain();
      if (!Pause(Duration(0))) return;
    }
    if (!more.ok()) {
      if (!absl::IsUnavailable(more.status())) return Fail(more.status());
      noted_.store(true);  // the work is still there
    }
    if (!Pause(more.ok() ? kMaintainInterval : kMaintainRetryDelay)) return;
  }
}

void UpkeepThread::Fail(const absl::Status& status) {
  observer_.Log(env::LogLevel::kError,
                Format("the upkeep of the storage failed: %s", MessageOf(status)));
  {
    MutexLock lock(mutex_);
    failure_ = status;
  }
  failed_.store(true);
}

}  // namespace quorate::io
