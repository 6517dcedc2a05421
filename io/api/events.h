// SPDX-License-Identifier: Apache-2.0
// Hands events to those who asked for them: one at a time, in order, on the thread that reports
// them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "quorate/server.h"

namespace quorate::api {

class EventHub {
 public:
  // 0 where kListenersMax have asked already.
  uint64_t Subscribe(Server::Listener listener);
  // When it returns the listener is not called any more.
  void Unsubscribe(uint64_t id);
  void Report(const Event& event);

 private:
  std::mutex mutex_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, Server::Listener> listeners_;
};

}  // namespace quorate::api
