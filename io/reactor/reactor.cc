// SPDX-License-Identifier: Apache-2.0
#include "io/reactor/reactor.h"

#include <cerrno>
#include <cstring>

#include "engine/base/check.h"

namespace quorate::io {
namespace {

constexpr uint32_t kInput = EPOLLIN | EPOLLRDHUP | EPOLLET;

absl::Status KernelError(std::string_view what, int error) {
  const std::string text = Format("%s: error %d", what, error);
  if (error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOSPC) {
    return ResourceExhausted(text);
  }
  return Internal(text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reactor>> Reactor::Create(Kernel& kernel) {
  const int epoll = kernel.EpollCreate();
  if (epoll < 0) return KernelError("epoll_create1", -epoll);
  const int wake = kernel.EventCreate();
  if (wake < 0) {
    kernel.Close(epoll);
    return KernelError("eventfd", -wake);
  }
  std::unique_ptr<Reactor> reactor(new Reactor(kernel, epoll, wake));
  epoll_event event{};
  event.events = EPOLLIN;  // data.ptr is null: no handler
  const int result = kernel.EpollControl(epoll, EPOLL_CTL_ADD, wake, &event);
  if (result < 0) return KernelError("epoll_ctl", -result);
  return reactor;
}

Reactor::Reactor(Kernel& kernel, int epoll, int wake)
    : kernel_(kernel), epoll_(epoll), wake_(wake), events_(kEventsPerWaitMax) {}

Reactor::~Reactor() {
  kernel_.Close(wake_);
  kernel_.Close(epoll_);
}

absl::Status Reactor::Control(int operation, int fd, uint32_t events, EventHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  const int result = kernel_.EpollControl(epoll_, operation, fd, &event);
  return result < 0 ? KernelError("epoll_ctl", -result) : absl::OkStatus();
}

absl::Status Reactor::Add(int fd, EventHandler& handler, bool output) {
  return Control(EPOLL_CTL_ADD, fd, output ? kInput | EPOLLOUT : kInput, handler);
}

absl::Status Reactor::AddListener(int fd, EventHandler& handler) {
  return Control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLEXCLUSIVE, handler);
}

void Reactor::WatchOutput(int fd, EventHandler& handler, bool on) {
  const absl::Status status = Control(EPOLL_CTL_MOD, fd, on ? kInput | EPOLLOUT : kInput, handler);
  QUORATE_CHECK(status.ok());  // it fails only for descriptors that were never added
}

void Reactor::Remove(int fd, EventHandler& handler) {
  kernel_.EpollControl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (size_t i = events_end_ - events_left_; i < events_end_; ++i) {
    if (events_[i].data.ptr == &handler) events_[i].events = 0;
  }
}

size_t Reactor::Wait(std::optional<Duration> timeout) {
  QUORATE_CHECK(events_left_ == 0);
  const int count = kernel_.EpollWait(epoll_, events_, timeout);
  if (count <= 0) {
    QUORATE_CHECK(count == 0 || count == -EINTR);
    return 0;
  }
  events_end_ = events_left_ = static_cast<size_t>(count);
  return events_left_;
}

void Reactor::Dispatch() {
  while (events_left_ > 0) {
    const epoll_event event = events_[events_end_ - events_left_--];
    if (event.data.ptr == nullptr) {
      kernel_.EventAbsorb(wake_);
      // After the counter, and before the owner looks at its queues: who finds the flag set (and so
      // notifies nobody) has filled its queue before this exchange.
      woken_.exchange(false, std::memory_order_acq_rel);
      continue;
    }
    if (event.events == 0) continue;  // removed meanwhile
    const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    static_cast<EventHandler*>(event.data.ptr)
        ->OnReady({.readable = failed || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0,
                   .writable = failed || (event.events & EPOLLOUT) != 0,
                   .hung_up = failed || (event.events & EPOLLRDHUP) != 0});
  }
}

void Reactor::Wake() {
  if (!woken_.exchange(true, std::memory_order_acq_rel)) kernel_.EventNotify(wake_);
}

}  // namespace quorate::io
