// SPDX-License-Identifier: Apache-2.0
// Runs the upkeep of a storage backend beside its commits, on a thread of its own: only for one
// that says upkeep_beside_commits. It looks whether there is something to do a little after commits
// were made, and sleeps while none are.
#pragma once

#include <atomic>
#include <thread>

#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "io/reactor/mutex.h"

namespace quorate::io {

class UpkeepThread {
 public:
  // Both are lent.
  UpkeepThread(env::StorageBackend& backend, env::Observer& observer)
      : backend_(backend), observer_(observer) {}
  ~UpkeepThread() { Stop(); }
  UpkeepThread(const UpkeepThread&) = delete;
  UpkeepThread& operator=(const UpkeepThread&) = delete;

  void Start();
  // Ends the thread after the step under way.
  void Stop();
  // A commit was made. From any thread; cheap.
  void Note();
  // A final error has ended the upkeep.
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_relaxed); }
  [[nodiscard]] absl::Status failure() const;

 private:
  void Run();
  bool WaitForWork();
  bool Pause(Duration duration);
  void Fail(const absl::Status& status);

  env::StorageBackend& backend_;
  env::Observer& observer_;
  std::thread thread_;
  std::atomic<bool> noted_{false};
  std::atomic<bool> failed_{false};
  mutable Mutex mutex_;
  Condition wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorate::io
