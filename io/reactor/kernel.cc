// SPDX-License-Identifier: Apache-2.0
#include "io/reactor/kernel.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <limits>

namespace quorate::io {
namespace {

template <typename Result>
Result OrError(Result result) {
  return result < 0 ? static_cast<Result>(-errno) : result;
}

int64_t ReadMicros(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace

Instant LinuxKernel::Monotonic() { return Instant(Duration(ReadMicros(CLOCK_MONOTONIC))); }

WallTime LinuxKernel::Wall(Duration offset) {
  return {(ReadMicros(CLOCK_REALTIME) + offset.count()) / 1000};
}

int LinuxKernel::EpollCreate() { return OrError(::epoll_create1(EPOLL_CLOEXEC)); }

int LinuxKernel::EpollControl(int epoll, int operation, int fd, epoll_event* event) {
  return OrError(::epoll_ctl(epoll, operation, fd, event));
}

int LinuxKernel::EpollWait(int epoll, std::span<epoll_event> events,
                           std::optional<Duration> timeout) {
  const int count = static_cast<int>(events.size());
  if (!timeout) return OrError(::epoll_wait(epoll, events.data(), count, -1));
  if (*timeout <= Duration(0)) return OrError(::epoll_wait(epoll, events.data(), count, 0));
  const timespec wait{.tv_sec = timeout->count() / 1'000'000,
                      .tv_nsec = timeout->count() % 1'000'000 * 1000};
  const int result = ::epoll_pwait2(epoll, events.data(), count, &wait, nullptr);
  if (result >= 0 || errno != ENOSYS) return OrError(result);
  // Before Linux 5.11. Rounded up, so that a deadline is reached when the wait ends.
  const int64_t ms = (timeout->count() + 999) / 1000;
  return OrError(
      ::epoll_wait(epoll, events.data(), count,
                   static_cast<int>(std::min<int64_t>(ms, std::numeric_limits<int>::max()))));
}

int LinuxKernel::EventCreate() { return OrError(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

void LinuxKernel::EventNotify(int fd) {
  const uint64_t one = 1;
  // It fails only where the counter is full, and then it is readable anyway.
  while (::write(fd, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

void LinuxKernel::EventAbsorb(int fd) {
  uint64_t count = 0;
  while (::read(fd, &count, sizeof(count)) < 0 && errno == EINTR) {
  }
}

int LinuxKernel::MakeSocket(int family) {
  return OrError(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int LinuxKernel::SetOption(int fd, int level, int name, int value) {
  return OrError(::setsockopt(fd, level, name, &value, sizeof(value)));
}

int LinuxKernel::Bind(int fd, const sockaddr* address, socklen_t size) {
  return OrError(::bind(fd, address, size));
}

int LinuxKernel::Listen(int fd, int backlog) { return OrError(::listen(fd, backlog)); }

int LinuxKernel::Connect(int fd, const sockaddr* address, socklen_t size) {
  return OrError(::connect(fd, address, size));
}

int LinuxKernel::LocalAddress(int fd, sockaddr_storage& address, socklen_t& size) {
  size = sizeof(address);
  return OrError(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size));
}

int LinuxKernel::Duplicate(int fd) { return OrError(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

int LinuxKernel::Accept(int listener, sockaddr_storage& address, socklen_t& size) {
  size = sizeof(address);
  return OrError(::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC));
}

ptrdiff_t LinuxKernel::Receive(int fd, std::span<char> space) {
  return OrError(::recv(fd, space.data(), space.size(), 0));
}

ptrdiff_t LinuxKernel::Send(int fd, const char* bytes, size_t size) {
  return OrError(::send(fd, bytes, size, MSG_NOSIGNAL));
}

int LinuxKernel::ShutdownWrite(int fd) { return OrError(::shutdown(fd, SHUT_WR)); }

int LinuxKernel::Close(int fd) { return OrError(::close(fd)); }

}  // namespace quorate::io
