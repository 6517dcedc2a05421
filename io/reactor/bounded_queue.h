// SPDX-License-Identifier: Apache-2.0
// From many threads to one. The reader takes everything at once; when nothing waits it looks at one
// atomic flag and touches no lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include "io/reactor/mutex.h"

namespace quorate::io {

template <typename Item>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t items_max) : items_max_(items_max) {}

  // False where the queue is full; the item is then left to the caller.
  [[nodiscard]] bool Push(Item&& item) {
    MutexLock lock(mutex_);
    if (items_.size() >= items_max_) return false;
    items_.push_back(std::move(item));
    waiting_.store(true, std::memory_order_release);
    return true;
  }

  // Moves all of `items` in, as far as there is room, and clears it. Returns how many were dropped.
  [[nodiscard]] size_t PushAll(std::vector<Item>& items) {
    size_t dropped = 0;
    {
      MutexLock lock(mutex_);
      for (Item& item : items) {
        if (items_.size() < items_max_) {
          items_.push_back(std::move(item));
        } else {
          ++dropped;
        }
      }
      if (!items_.empty()) waiting_.store(true, std::memory_order_release);
    }
    items.clear();
    return dropped;
  }

  // Swaps what waits into `items`, whose old content is dropped and whose memory is used again.
  // False where nothing waits.
  [[nodiscard]] bool TakeAll(std::vector<Item>& items) {
    items.clear();
    if (!waiting_.load(std::memory_order_acquire)) return false;
    MutexLock lock(mutex_);
    waiting_.store(false, std::memory_order_relaxed);
    items_.swap(items);
    return !items.empty();
  }

  [[nodiscard]] bool empty() const { return !waiting_.load(std::memory_order_acquire); }

 private:
  const size_t items_max_;
  Mutex mutex_;
  std::vector<Item> items_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> waiting_{false};
};

}  // namespace quorate::io
