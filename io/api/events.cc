// SPDX-License-Identifier: Apache-2.0
#include "io/api/events.h"

#include "io/api/api_limits.h"

namespace quorate::api {

uint64_t EventHub::Subscribe(Server::Listener listener) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (listeners_.size() >= kListenersMax) return 0;
  listeners_.emplace(++last_id_, std::move(listener));
  return last_id_;
}

void EventHub::Unsubscribe(uint64_t id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  listeners_.erase(id);
}

void EventHub::Report(const Event& event) {
  // Under the lock, so that Unsubscribe waits for a call that is under way.
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [id, listener] : listeners_) listener(event);
}

}  // namespace quorate::api
