// SPDX-License-Identifier: Apache-2.0
// Waits for the callback of a hook, where the node itself is in a place that may wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "quorate/result.h"

namespace quorate::api {

// Where a hook leaves its answer. Shared with the hook's callback, which may outlive the wait.
template <typename T>
class Answer {
 public:
  // Only the first value counts: a hook that calls back twice does no harm.
  void Give(T value) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!value_) value_.emplace(std::move(value));
    }
    given_.notify_all();
  }
  // Nothing where none came in time. Without `patience` it waits for as long as it takes.
  std::optional<T> Wait(std::optional<std::chrono::milliseconds> patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto here = [this] { return value_.has_value(); };
    if (!patience) {
      given_.wait(lock, here);
    } else if (!given_.wait_for(lock, *patience, here)) {
      return std::nullopt;
    }
    return std::move(value_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_;
  std::optional<T> value_;
};

// Calls ask(callback) and waits for what the callback is given.
template <typename T, typename Ask>
std::optional<T> Await(Ask&& ask, std::optional<std::chrono::milliseconds> patience = {}) {
  const auto answer = std::make_shared<Answer<T>>();
  ask([answer](T value) { answer->Give(std::move(value)); });
  return answer->Wait(patience);
}

}  // namespace quorate::api
