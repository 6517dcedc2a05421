// SPDX-License-Identifier: Apache-2.0
// One epoll loop: waits for descriptors and tells their handlers. It runs no timers and no tasks;
// its owner knows the deadline and what else there is to do in a tick.
//
// Sockets are watched edge-triggered for input, once, when they are added; output is watched only
// between an EAGAIN and the moment it can continue. So a request and its reply cost one wait, one
// read and one write, and connections that are ready together share the wait.
//
// Used by one thread at a time, except Wake. The epoll descriptor can itself be polled, which is
// how a caller's own loop drives a reactor.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"
#include "io/reactor/kernel.h"
#include "io/reactor/limits.h"

namespace quorate::io {

// What the kernel said of a descriptor.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool hung_up = false;  // the peer ended its side, or the connection failed: read until that shows
};

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  // Called from Dispatch. It may remove any handler, itself included.
  virtual void OnReady(Readiness readiness) = 0;
};

class Reactor {
 public:
  static absl::StatusOr<std::unique_ptr<Reactor>> Create(Kernel& kernel);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Watches input (edge-triggered), and output where `output`. The handler outlives the watch.
  absl::Status Add(int fd, EventHandler& handler, bool output = false);
  // Watches connections to accept (level-triggered; several reactors may watch the same socket, and
  // one of them is woken).
  absl::Status AddListener(int fd, EventHandler& handler);
  void WatchOutput(int fd, EventHandler& handler, bool on);
  // No event is delivered any more, not even one that this wait has already collected. Before the
  // descriptor is closed.
  void Remove(int fd, EventHandler& handler);

  // Waits for at most `timeout` (nothing: without end). Returns how many descriptors are ready; 0
  // too where a signal came, or Wake. Requires: what the Wait before reported was dispatched.
  size_t Wait(std::optional<Duration> timeout);
  // Calls the handlers of what Wait reported. Apart from it, so that the owner can read its clocks
  // and begin its tick in between.
  void Dispatch();
  // Ends the current or the next Wait. From any thread; costs a system call only for the first one
  // between two waits.
  void Wake();

  [[nodiscard]] int fd() const { return epoll_; }
  [[nodiscard]] Kernel& kernel() const { return kernel_; }

 private:
  Reactor(Kernel& kernel, int epoll, int wake);
  absl::Status Control(int operation, int fd, uint32_t events, EventHandler& handler);

  Kernel& kernel_;
  const int epoll_;
  const int wake_;
  std::atomic<bool> woken_{false};
  std::vector<epoll_event> events_;
  size_t events_left_ = 0;  // not yet dispatched: the last ones before events_end_
  size_t events_end_ = 0;
};

}  // namespace quorate::io
