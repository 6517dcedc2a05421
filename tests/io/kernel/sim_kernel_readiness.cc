// SPDX-License-Identifier: Apache-2.0
// The part of a simulated kernel that says who is ready: eventfd and epoll.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/base/status.h"
#include "tests/io/kernel/sim_kernel.h"

namespace quorate::io {
namespace {

// What Pick is asked for.
enum What : uint64_t { kLater = 200, kSpuriousOne, kSpuriousKind, kOrder = 1000 };

}  // namespace

void SimKernel::EventNotify(int fd) {
  descriptors_.at(fd).notified = true;
  Wake(fd, EPOLLIN);
}

void SimKernel::EventAbsorb(int fd) { descriptors_.at(fd).notified = false; }

uint32_t SimKernel::PollOf(int fd) const {
  const Descriptor& descriptor = descriptors_.at(fd);
  if (descriptor.event) return descriptor.notified ? uint32_t{EPOLLIN} : 0;
  return descriptor.endpoint->Poll();
}

void SimKernel::Wake(int fd, uint32_t events) {
  for (auto& [epoll, descriptor] : descriptors_) {
    if (descriptor.epoll != nullptr) descriptor.epoll->Wake(fd, events);
  }
}

bool SimKernel::Ready(int epoll) const {
  const EpollSet& set = *descriptors_.at(epoll).epoll;
  return std::any_of(set.ready().begin(), set.ready().end(),
                     [&](int fd) { return (PollOf(fd) & set.Interest(fd)) != 0; });
}

int SimKernel::EpollControl(int epoll, int operation, int fd, epoll_event* event) {
  EpollSet& set = *descriptors_.at(epoll).epoll;
  const auto done = [&](int result) {
    return static_cast<int>(Done(Call::kEpollControl, fd, operation * 1000 + result));
  };
  if (!descriptors_.contains(fd)) {
    violations_.push_back(Format("epoll_ctl of %d, which is not open", fd));
    return -EBADF;
  }
  Endpoint* const endpoint = Find(fd);
  if (operation == EPOLL_CTL_DEL) {
    done(0);
    return set.Remove(fd) ? 0 : -ENOENT;
  }
  if (operation == EPOLL_CTL_MOD && !set.watches(fd)) return -ENOENT;
  if (operation == EPOLL_CTL_ADD && set.watches(fd)) return -EEXIST;
  if (operation == EPOLL_CTL_ADD &&
      network_.faults().Happens(Fault::kNoMemory, process_, ++calls_)) {
    if (endpoint != nullptr && endpoint->peer != nullptr) {
      endpoint->lossy = endpoint->peer->lossy = true;
    }
    done(-ENOMEM);
    return -ENOMEM;
  }
  // Asking whether there is room is enough to be told later that there is.
  if (endpoint != nullptr && (event->events & EPOLLOUT) != 0) endpoint->wants_space = true;
  set.Set(fd, *event, PollOf(fd));
  done(static_cast<int>(event->events & 0xff));
  return 0;
}

// Another order, a part of it later, and one that is not ready at all.
void SimKernel::Disturb(EpollSet& set, std::vector<int>& ready) {
  Faults& faults = network_.faults();
  const uint64_t call = ++calls_;
  if (ready.size() > 1 && faults.Happens(Fault::kReordered, process_, call)) {
    for (size_t i = ready.size() - 1; i > 0; --i) {
      std::swap(ready[i], ready[faults.Pick(i + 1, process_, call, kOrder + i * 16)]);
    }
    const size_t now = 1 + faults.Pick(ready.size(), process_, call, kLater);
    while (ready.size() > now) {
      set.Note(ready.back());
      ready.pop_back();
    }
  }
}

int SimKernel::EpollWait(int epoll, std::span<epoll_event> events, std::optional<Duration>) {
  Pass();
  EpollSet& set = *descriptors_.at(epoll).epoll;
  Faults& faults = network_.faults();
  if (faults.Happens(Fault::kWaitInterrupted, process_, ++calls_)) {
    return static_cast<int>(Done(Call::kEpollWait, epoll, -EINTR));
  }
  std::vector<int> ready = set.TakeReady();
  Disturb(set, ready);
  size_t count = 0;
  for (const int fd : ready) {
    const uint32_t now = PollOf(fd) & set.Interest(fd);
    if (now == 0) continue;
    const epoll_event& watch = set.all().at(fd);
    if ((watch.events & EPOLLET) == 0 || count == events.size()) set.Note(fd);
    if (count == events.size()) continue;
    events[count] = watch;
    events[count++].events = now;
    network_.Note(process_, static_cast<uint64_t>(fd), now, count);
  }
  if (!set.all().empty() && count < events.size() &&
      faults.Happens(Fault::kSpurious, process_, ++calls_)) {
    auto one = set.all().begin();
    std::advance(one, faults.Pick(set.all().size(), process_, calls_, kSpuriousOne));
    const bool output = faults.Pick(2, process_, calls_, kSpuriousKind) == 1;
    const uint32_t kind = output ? uint32_t{EPOLLOUT} : uint32_t{EPOLLIN};
    if ((one->second.events & kind) != 0) {
      events[count] = one->second;
      events[count++].events = kind;
    }
  }
  return static_cast<int>(Done(Call::kEpollWait, epoll, static_cast<ptrdiff_t>(count)));
}

}  // namespace quorate::io
