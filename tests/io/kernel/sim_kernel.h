// SPDX-License-Identifier: Apache-2.0
// The kernel of one simulated process: its descriptors over a network that all processes share.
// It never blocks: a wait with nothing to report returns 0, and whoever drives the world moves the
// time.
//
// It also watches its callers. A descriptor used or closed after it was closed, or closed while an
// epoll watches it, is a violation; what is open at the end is a leak.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/reactor/kernel.h"
#include "tests/io/kernel/epoll_set.h"
#include "tests/io/kernel/sim_network.h"

namespace quorate::io {

class SimKernel final : public Kernel {
 public:
  SimKernel(SimNetwork& network, uint64_t process, size_t descriptors_max)
      : network_(network), process_(process), descriptors_max_(descriptors_max) {}

  // --- for the world
  [[nodiscard]] bool Ready(int epoll) const;
  void Wake(int fd, uint32_t events);
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] size_t open() const { return descriptors_.size(); }
  [[nodiscard]] Endpoint* Find(int fd) const;
  // The most calls of accept that found no descriptor, within one second.
  [[nodiscard]] uint64_t exhausted_per_second() const { return exhausted_most_; }
  [[nodiscard]] const std::vector<Instant>& connects() const { return connects_; }
  [[nodiscard]] uint64_t bytes_moved() const { return bytes_moved_; }

  // --- Kernel
  Instant Monotonic() override { return network_.now(); }
  WallTime Wall(Duration) override { return {network_.now().time_since_epoch() / 1ms}; }
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

 private:
  struct Descriptor {
    std::unique_ptr<EpollSet> epoll;
    Endpoint* endpoint = nullptr;
    bool event = false;  // an eventfd
    bool notified = false;
  };
  enum class Call : uint8_t {
    kEpollCreate,
    kEpollControl,
    kEpollWait,
    kEventCreate,
    kMakeSocket,
    kBind,
    kListen,
    kConnect,
    kAccept,
    kReceive,
    kSend,
    kShutdown,
    kClose,
  };

  ptrdiff_t Done(Call call, int fd, ptrdiff_t result);
  int Allocate(Descriptor descriptor);
  void Pass();
  Endpoint* Use(int fd, const char* call);
  // A negative error where no descriptor can be had now.
  int Exhausted();
  [[nodiscard]] uint32_t PollOf(int fd) const;
  void Disturb(EpollSet& set, std::vector<int>& ready);
  ptrdiff_t Read(Endpoint& endpoint, std::span<char> space);
  ptrdiff_t Write(Endpoint& endpoint, std::string_view bytes);
  int Take(Endpoint& listener);

  SimNetwork& network_;
  const uint64_t process_;
  const size_t descriptors_max_;
  std::map<int, Descriptor> descriptors_;
  uint64_t calls_ = 0;
  uint64_t bytes_moved_ = 0;
  std::vector<std::string> violations_;
  std::vector<Instant> connects_;
  Instant exhausted_since_{};
  uint64_t exhausted_ = 0;
  uint64_t exhausted_most_ = 0;
};

}  // namespace quorate::io
