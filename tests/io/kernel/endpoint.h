// SPDX-License-Identifier: Apache-2.0
// One end of a simulated connection, or a listener.
//
// 1. received is what has arrived in order; its last `hidden` bytes show a moment later (with a new
//    edge), which is how a read can be short. Nothing is hidden once the end of the stream arrived.
// 2. in_flight + peer->received.size() <= capacity: what the writer may have under way.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/base/time.h"

namespace quorate::io {

class SimKernel;

struct Endpoint {
  enum class State : uint8_t { kNew, kConnecting, kOpen, kListening, kDead };

  uint64_t id = 0;
  State state = State::kNew;
  Endpoint* peer = nullptr;
  SimKernel* kernel = nullptr;
  std::vector<int> fds;  // empty once closed by its process
  uint64_t calls = 0;    // the number of the next draw

  std::string received;
  size_t hidden = 0;
  bool fin_received = false;
  bool fin_sent = false;
  int error = 0;  // told once

  size_t capacity = 0;
  size_t in_flight = 0;
  Instant last_arrival{};      // of what was sent: nothing overtakes it
  bool wants_space = false;    // heard EAGAIN, or was cut short
  bool output_hidden = false;  // says EAGAIN until a later edge
  bool lossy = false;          // a fault ended the connection: its bytes may be lost
  bool queued = false;         // waits to be accepted

  uint16_t port = 0;  // a listener's
  size_t backlog = 0;
  std::deque<Endpoint*> queue;

  [[nodiscard]] bool open() const { return !fds.empty(); }
  [[nodiscard]] size_t visible() const { return received.size() - hidden; }
  [[nodiscard]] size_t Room() const {
    const size_t used = in_flight + (peer == nullptr ? 0 : peer->received.size());
    return used >= capacity ? 0 : capacity - used;
  }
  // As the kernel's poll answers.
  [[nodiscard]] uint32_t Poll() const {
    if (state == State::kListening) return queue.empty() ? 0 : uint32_t{EPOLLIN};
    if (state == State::kConnecting) return 0;
    if (state == State::kNew) return uint32_t{EPOLLOUT} | EPOLLHUP;
    uint32_t events = 0;
    const bool dead = state == State::kDead;
    if (visible() > 0) events |= EPOLLIN;
    if (fin_received || dead) events |= EPOLLIN | EPOLLRDHUP;
    if (dead || (fin_received && fin_sent)) events |= EPOLLHUP;
    if (error != 0) events |= EPOLLERR;
    const bool room = Room() * 3 >= capacity && !output_hidden;
    if (dead || fin_sent || room) events |= EPOLLOUT;
    return events;
  }
};

}  // namespace quorate::io
