// SPDX-License-Identifier: Apache-2.0
// The system calls that reactor, sockets and timers make, as an interface: tests put a kernel
// behind it that reads short, says EAGAIN and EINTR, runs out of descriptors and resets
// connections.
//
// As in the kernel, a negative result means failure; it is -errno (there is no errno to be
// overwritten in between).
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/time.h"
#include "io/disk/file_descriptor.h"

namespace quorate::io {

class Kernel : public DescriptorOwner {
 public:
  virtual ~Kernel() = default;

  [[nodiscard]] virtual Instant Monotonic() = 0;
  [[nodiscard]] virtual WallTime Wall(Duration offset) = 0;

  virtual int EpollCreate() = 0;
  virtual int EpollControl(int epoll, int operation, int fd, epoll_event* event) = 0;
  // Without a timeout it waits for ever.
  virtual int EpollWait(int epoll, std::span<epoll_event> events,
                        std::optional<Duration> timeout) = 0;
  // A counter that becomes readable when Notify was called, until Absorb.
  virtual int EventCreate() = 0;
  virtual void EventNotify(int fd) = 0;
  virtual void EventAbsorb(int fd) = 0;

  // A stream socket; like those of Accept it does not block, and ends with exec.
  virtual int MakeSocket(int family) = 0;
  virtual int SetOption(int fd, int level, int name, int value) = 0;
  virtual int Bind(int fd, const sockaddr* address, socklen_t size) = 0;
  virtual int Listen(int fd, int backlog) = 0;
  virtual int Connect(int fd, const sockaddr* address, socklen_t size) = 0;
  virtual int LocalAddress(int fd, sockaddr_storage& address, socklen_t& size) = 0;
  virtual int Duplicate(int fd) = 0;
  virtual int Accept(int listener, sockaddr_storage& address, socklen_t& size) = 0;
  virtual ptrdiff_t Receive(int fd, std::span<char> space) = 0;
  virtual ptrdiff_t Send(int fd, const char* bytes, size_t size) = 0;
  virtual int ShutdownWrite(int fd) = 0;
};

// The kernel of this machine. It has no state.
class LinuxKernel : public Kernel {
 public:
  Instant Monotonic() override;
  WallTime Wall(Duration offset) override;
  int EpollCreate() override;
  int EpollControl(int epoll, int operation, int fd, epoll_event* event) override;
  int EpollWait(int epoll, std::span<epoll_event> events, std::optional<Duration> timeout) override;
  int EventCreate() override;
  void EventNotify(int fd) override;
  void EventAbsorb(int fd) override;
  int MakeSocket(int family) override;
  int SetOption(int fd, int level, int name, int value) override;
  int Bind(int fd, const sockaddr* address, socklen_t size) override;
  int Listen(int fd, int backlog) override;
  int Connect(int fd, const sockaddr* address, socklen_t size) override;
  int LocalAddress(int fd, sockaddr_storage& address, socklen_t& size) override;
  int Duplicate(int fd) override;
  int Accept(int listener, sockaddr_storage& address, socklen_t& size) override;
  ptrdiff_t Receive(int fd, std::span<char> space) override;
  ptrdiff_t Send(int fd, const char* bytes, size_t size) override;
  int ShutdownWrite(int fd) override;
  int Close(int fd) override;
};

}  // namespace quorate::io
