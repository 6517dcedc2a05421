// SPDX-License-Identifier: Apache-2.0
// Waiting for a task on another thread that may also be dropped there.
#pragma once

#include "io/reactor/mutex.h"

namespace quorate::io {

class TaskGate {
 public:
  void Open() {
    MutexLock lock(mutex_);
    open_ = true;
    opened_.WakeAll();
  }
  void Wait() {
    MutexLock lock(mutex_);
    while (!open_) opened_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  Condition opened_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

// Opens the gate when the last copy of the task that holds it is gone.
class OpenAtEnd {
 public:
  explicit OpenAtEnd(TaskGate& gate) : gate_(gate) {}
  ~OpenAtEnd() { gate_.Open(); }
  OpenAtEnd(const OpenAtEnd&) = delete;
  OpenAtEnd& operator=(const OpenAtEnd&) = delete;

 private:
  TaskGate& gate_;
};

}  // namespace quorate::io
