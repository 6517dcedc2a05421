// SPDX-License-Identifier: Apache-2.0
// A kernel that does what a test says: what is ready, how much a read gives, when a write takes
// nothing, and who hangs up.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "io/reactor/kernel.h"

namespace quorate::io {

class FakeKernel final : public Kernel {
 public:
  static constexpr int kEpoll = 1'000'000;
  static constexpr int kEvent = 1'000'001;
  static constexpr int kFirstSocket = 1'000'010;  // far above every real descriptor

  struct Socket {
    std::string input;              // what the peer sent
    std::deque<ptrdiff_t> receive;  // next results: a limit in bytes, or a negative error
    std::deque<ptrdiff_t> send;     // the same for sends
    std::string output;             // what was sent
    bool peer_closed = false;
    int receives = 0;
    int sends = 0;
  };

  Socket& socket(int fd) { return sockets_[fd]; }
  [[nodiscard]] uint32_t watched(int fd) const {
    const auto found = watches_.find(fd);
    return found == watches_.end() ? 0 : found->second.events;
  }
  // The next wait reports this.
  void Ready(int fd, uint32_t events) { ready_.push_back({fd, events}); }
  void NextWaitFails(int error) { wait_error_ = error; }
  void NextAccept(int result) { accepts_.push_back(result); }

  int waits = 0;
  int notifications = 0;
  std::optional<Duration> last_timeout;

  int EpollCreate() override { return kEpoll; }
  int EpollControl(int, int operation, int fd, epoll_event* event) override {
    if (operation == EPOLL_CTL_DEL) {
      watches_.erase(fd);
    } else {
      watches_[fd] = *event;
    }
    return 0;
  }
  int EpollWait(int, std::span<epoll_event> events, std::optional<Duration> timeout) override {
    ++waits;
    last_timeout = timeout;
    if (wait_error_ != 0) return -std::exchange(wait_error_, 0);
    size_t count = 0;
    if (event_set_) {
      events[count] = watches_[kEvent];
      events[count++].events = EPOLLIN;
    }
    while (!ready_.empty() && count < events.size()) {
      const auto [fd, mask] = ready_.front();
      ready_.pop_front();
      if (!watches_.contains(fd)) continue;
      events[count] = watches_[fd];
      events[count++].events = mask;
    }
    return static_cast<int>(count);
  }
  int EventCreate() override { return kEvent; }
  void EventNotify(int) override {
    ++notifications;
    event_set_ = true;
  }
  void EventAbsorb(int) override { event_set_ = false; }

  Instant Monotonic() override { return Instant(1s); }
  WallTime Wall(Duration) override { return {}; }
  int MakeSocket(int) override { return -EMFILE; }
  int SetOption(int, int, int, int) override { return 0; }
  int Bind(int, const sockaddr*, socklen_t) override { return -EADDRINUSE; }
  int Listen(int, int) override { return 0; }
  int Connect(int, const sockaddr*, socklen_t) override { return -ECONNREFUSED; }
  int LocalAddress(int, sockaddr_storage&, socklen_t&) override { return -EBADF; }
  int Duplicate(int) override { return -EMFILE; }
  int Accept(int, sockaddr_storage& address, socklen_t& size) override {
    address = {};
    address.ss_family = AF_INET;
    size = sizeof(address);
    if (accepts_.empty()) return -EAGAIN;
    const int result = accepts_.front();
    accepts_.pop_front();
    return result;
  }
  ptrdiff_t Receive(int fd, std::span<char> space) override {
    Socket& from = sockets_[fd];
    ++from.receives;
    size_t limit = space.size();
    if (!from.receive.empty()) {
      const ptrdiff_t step = from.receive.front();
      from.receive.pop_front();
      if (step < 0) return step;
      limit = std::min(limit, static_cast<size_t>(step));
    }
    const size_t size = std::min(limit, from.input.size());
    if (size == 0) return from.peer_closed ? 0 : -EAGAIN;
    std::memcpy(space.data(), from.input.data(), size);
    from.input.erase(0, size);
    return static_cast<ptrdiff_t>(size);
  }
  ptrdiff_t Send(int fd, const char* bytes, size_t size) override {
    Socket& to = sockets_[fd];
    ++to.sends;
    if (!to.send.empty()) {
      const ptrdiff_t step = to.send.front();
      to.send.pop_front();
      if (step < 0) return step;
      size = std::min(size, static_cast<size_t>(step));
    }
    to.output.append(bytes, size);
    return static_cast<ptrdiff_t>(size);
  }
  int ShutdownWrite(int) override { return 0; }
  int Close(int) override { return 0; }

 private:
  std::map<int, Socket> sockets_;
  std::map<int, epoll_event> watches_;
  std::deque<std::pair<int, uint32_t>> ready_;
  std::deque<int> accepts_;
  bool event_set_ = false;
  int wait_error_ = 0;
};

}  // namespace quorate::io
