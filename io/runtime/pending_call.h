// SPDX-License-Identifier: Apache-2.0
// A call of the process itself on its way to a shard. However it ends, its callback is called once.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "adapters/resp/client_codec.h"
#include "engine/base/status.h"

namespace quorate::io {

class PendingCall {
 public:
  using Result = absl::StatusOr<resp::Reply>;
  using Callback = std::function<void(Result)>;

  // `calls` counts the calls in flight, this one included.
  PendingCall(Callback done, std::atomic<size_t>& calls) : done_(std::move(done)), calls_(calls) {}
  ~PendingCall() {
    Finish(Unavailable("the node ended; whether the command was executed is unknown"));
  }
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;

  void Finish(Result result) {
    if (!done_) return;
    std::exchange(done_, nullptr)(std::move(result));
    calls_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  Callback done_;
  std::atomic<size_t>& calls_;
};

}  // namespace quorate::io
