// SPDX-License-Identifier: Apache-2.0
#include "tests/io/kernel/sim_kernel.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/status.h"

namespace quorate::io {
namespace {

// Far above every real descriptor, so that none is closed by mistake.
constexpr int kFirstDescriptor = 1'000'000;
// A shortage of descriptors lasts.
constexpr Duration kShortage = 200ms;

// What Pick is asked for.
enum What : uint64_t { kLength = 100, kShortQueue, kCallTime };

uint16_t PortOf(const sockaddr* address) {
  sockaddr_in v4{};
  std::memcpy(&v4, address, sizeof(v4));
  return ntohs(v4.sin_port);
}

void FillAddress(uint16_t port, sockaddr_storage& address, socklen_t& size) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  v4.sin_port = htons(port);
  address = {};
  std::memcpy(&address, &v4, sizeof(v4));
  size = sizeof(v4);
}

}  // namespace

// --- descriptors

ptrdiff_t SimKernel::Done(Call call, int fd, ptrdiff_t result) {
  network_.Note(process_, static_cast<uint64_t>(call), static_cast<uint64_t>(fd),
                static_cast<uint64_t>(result));
  return result;
}

// The lowest free number, as in the kernel: numbers come again soon, under new owners.
int SimKernel::Allocate(Descriptor descriptor) {
  int fd = kFirstDescriptor;
  while (descriptors_.contains(fd)) ++fd;
  Endpoint* const endpoint = descriptor.endpoint;
  descriptors_[fd] = std::move(descriptor);
  if (endpoint != nullptr) endpoint->fds.push_back(fd);
  return fd;
}

Endpoint* SimKernel::Find(int fd) const {
  const auto found = descriptors_.find(fd);
  return found == descriptors_.end() ? nullptr : found->second.endpoint;
}

// A call takes time, in which the network goes on: what was asked a call ago may no longer be so.
void SimKernel::Pass() {
  const uint64_t micros = network_.faults().Pick(4, process_, ++calls_, kCallTime);
  network_.AdvanceTo(network_.now() + Duration(static_cast<int64_t>(micros)));
}

Endpoint* SimKernel::Use(int fd, const char* call) {
  Pass();
  Endpoint* const endpoint = Find(fd);
  if (endpoint == nullptr) violations_.push_back(Format("%s on %d, which is not open", call, fd));
  return endpoint;
}

int SimKernel::Exhausted() {
  Faults& faults = network_.faults();
  if (descriptors_.size() >= descriptors_max_) {
    faults.Count(Fault::kProcessFiles);
    return -EMFILE;
  }
  const auto window = static_cast<uint64_t>(network_.now().time_since_epoch() / kShortage);
  if (faults.Happens(Fault::kProcessFiles, process_, window)) return -EMFILE;
  if (faults.Happens(Fault::kSystemFiles, process_, window)) return -ENFILE;
  if (faults.Happens(Fault::kNoBuffers, process_, window)) return -ENOBUFS;
  return 0;
}

int SimKernel::MakeSocket(int) {
  const int error = Exhausted();
  if (error != 0) return static_cast<int>(Done(Call::kMakeSocket, 0, error));
  Descriptor made;
  made.endpoint = &network_.Make(*this);
  return static_cast<int>(Done(Call::kMakeSocket, 0, Allocate(std::move(made))));
}

int SimKernel::EventCreate() {
  if (const int error = Exhausted(); error != 0) return error;
  Descriptor made;
  made.event = true;
  return static_cast<int>(Done(Call::kEventCreate, 0, Allocate(std::move(made))));
}

int SimKernel::EpollCreate() {
  if (const int error = Exhausted(); error != 0) return error;
  Descriptor made;
  made.epoll = std::make_unique<EpollSet>();
  return static_cast<int>(Done(Call::kEpollCreate, 0, Allocate(std::move(made))));
}

int SimKernel::Duplicate(int fd) {
  Endpoint* const endpoint = Use(fd, "dup");
  if (endpoint == nullptr) return -EBADF;
  if (const int error = Exhausted(); error != 0) return error;
  Descriptor made;
  made.endpoint = endpoint;
  return Allocate(std::move(made));
}

int SimKernel::Close(int fd) {
  const auto found = descriptors_.find(fd);
  if (found == descriptors_.end()) {
    violations_.push_back(Format("close of %d, which is not open", fd));
    return -EBADF;
  }
  for (auto& [epoll, descriptor] : descriptors_) {
    if (descriptor.epoll != nullptr && descriptor.epoll->Remove(fd) && !found->second.event) {
      violations_.push_back(Format("%d is closed and still watched", fd));
    }
  }
  Endpoint* const endpoint = found->second.endpoint;
  descriptors_.erase(found);
  Done(Call::kClose, fd, 0);
  if (endpoint == nullptr) return 0;
  std::erase(endpoint->fds, fd);
  if (!endpoint->open()) network_.Closed(*endpoint);
  return 0;
}

// --- sockets

int SimKernel::SetOption(int fd, int, int, int) {
  return Use(fd, "setsockopt") == nullptr ? -EBADF : 0;
}

int SimKernel::Bind(int fd, const sockaddr* address, socklen_t) {
  Endpoint* const endpoint = Use(fd, "bind");
  if (endpoint == nullptr) return -EBADF;
  const uint16_t port = PortOf(address);
  endpoint->port = port == 0 ? network_.FreePort() : port;
  return static_cast<int>(Done(Call::kBind, fd, 0));
}

int SimKernel::Listen(int fd, int backlog) {
  Endpoint* const endpoint = Use(fd, "listen");
  if (endpoint == nullptr) return -EBADF;
  // As a machine may have a lower limit than the caller asks for.
  if (network_.faults().Pick(2, endpoint->id, 0, kShortQueue) == 0) backlog = 1;
  const bool listens = network_.Listen(*endpoint, endpoint->port, static_cast<size_t>(backlog));
  return static_cast<int>(Done(Call::kListen, fd, listens ? 0 : -EADDRINUSE));
}

int SimKernel::LocalAddress(int fd, sockaddr_storage& address, socklen_t& size) {
  const Endpoint* const endpoint = Use(fd, "getsockname");
  if (endpoint == nullptr) return -EBADF;
  FillAddress(endpoint->port, address, size);
  return 0;
}

int SimKernel::Connect(int fd, const sockaddr* address, socklen_t) {
  Endpoint* const endpoint = Use(fd, "connect");
  if (endpoint == nullptr) return -EBADF;
  if (endpoint->state == Endpoint::State::kConnecting) {
    return static_cast<int>(Done(Call::kConnect, fd, -EALREADY));
  }
  connects_.push_back(network_.now());
  network_.Connect(*endpoint, PortOf(address));
  // Interrupted or not, the attempt goes on.
  const bool interrupted =
      network_.faults().Happens(Fault::kInterrupted, endpoint->id, endpoint->calls++);
  return static_cast<int>(Done(Call::kConnect, fd, interrupted ? -EINTR : -EINPROGRESS));
}

int SimKernel::Take(Endpoint& listener) {
  Faults& faults = network_.faults();
  const uint64_t call = listener.calls++;
  if (faults.Happens(Fault::kInterrupted, listener.id, call)) return -EINTR;
  if (listener.queue.empty()) return -EAGAIN;
  // Linux looks for a descriptor first, and leaves the connection in the queue.
  if (const int error = Exhausted(); error != 0) {
    if (network_.now() - exhausted_since_ > 1s) {
      exhausted_since_ = network_.now();
      exhausted_ = 0;
    }
    exhausted_most_ = std::max(exhausted_most_, ++exhausted_);
    return error;
  }
  Endpoint& taken = *listener.queue.front();
  listener.queue.pop_front();
  taken.queued = false;
  if (faults.Happens(Fault::kAborted, listener.id, call)) {
    taken.lossy = taken.peer->lossy = true;
    network_.Reset(taken, ECONNRESET);
    return -ECONNABORTED;
  }
  Descriptor made;
  made.endpoint = &taken;
  return Allocate(std::move(made));
}

int SimKernel::Accept(int fd, sockaddr_storage& address, socklen_t& size) {
  Endpoint* const listener = Use(fd, "accept");
  if (listener == nullptr) return -EBADF;
  FillAddress(static_cast<uint16_t>(40'000 + listener->id), address, size);
  return static_cast<int>(Done(Call::kAccept, fd, Take(*listener)));
}

ptrdiff_t SimKernel::Read(Endpoint& endpoint, std::span<char> space) {
  Faults& faults = network_.faults();
  const uint64_t call = endpoint.calls++;
  if (faults.Happens(Fault::kInterrupted, endpoint.id, call)) return -EINTR;
  if (endpoint.state == Endpoint::State::kOpen && faults.Draw(Fault::kReset, endpoint.id, call)) {
    endpoint.lossy = endpoint.peer->lossy = true;
    network_.Reset(endpoint, ECONNRESET);
  }
  size_t size = std::min(space.size(), endpoint.visible());
  if (size == 0) {
    if (endpoint.error != 0) {
      if (endpoint.error == ECONNRESET) faults.Count(Fault::kReset);
      return -std::exchange(endpoint.error, 0);
    }
    const bool over = endpoint.fin_received || endpoint.state == Endpoint::State::kDead;
    return over ? 0 : -EAGAIN;
  }
  if (!endpoint.fin_received && endpoint.state == Endpoint::State::kOpen) {
    if (faults.Happens(Fault::kReadAgain, endpoint.id, call)) {
      endpoint.hidden = endpoint.received.size();
      network_.RevealInput(endpoint);
      return -EAGAIN;
    }
    if (size > 1 && faults.Happens(Fault::kShortRead, endpoint.id, call)) {
      size = 1 + faults.Pick(size - 1, endpoint.id, call, kLength);
      endpoint.hidden = endpoint.received.size() - size;
      network_.RevealInput(endpoint);
    }
  }
  std::memcpy(space.data(), endpoint.received.data(), size);
  endpoint.received.erase(0, size);
  network_.Taken(endpoint);
  return static_cast<ptrdiff_t>(size);
}

ptrdiff_t SimKernel::Receive(int fd, std::span<char> space) {
  Endpoint* const endpoint = Use(fd, "recv");
  if (endpoint == nullptr) return -EBADF;
  const ptrdiff_t result = Done(Call::kReceive, fd, Read(*endpoint, space));
  if (result > 0) bytes_moved_ += static_cast<uint64_t>(result);
  return result;
}

ptrdiff_t SimKernel::Write(Endpoint& endpoint, std::string_view bytes) {
  Faults& faults = network_.faults();
  const uint64_t call = endpoint.calls++;
  if (faults.Happens(Fault::kInterrupted, endpoint.id, call)) return -EINTR;
  if (endpoint.state == Endpoint::State::kConnecting) {
    endpoint.wants_space = true;
    return -EAGAIN;
  }
  if (endpoint.state == Endpoint::State::kOpen && faults.Draw(Fault::kReset, endpoint.id, call)) {
    endpoint.lossy = endpoint.peer->lossy = true;
    network_.Reset(endpoint, ECONNRESET);
  }
  if (endpoint.error != 0) {
    if (endpoint.error == ECONNRESET) faults.Count(Fault::kReset);
    if (endpoint.error == EPIPE) faults.Count(Fault::kPipe);
    return -std::exchange(endpoint.error, 0);
  }
  if (endpoint.state != Endpoint::State::kOpen || endpoint.fin_sent) {
    faults.Count(Fault::kPipe);
    return -EPIPE;
  }
  if (bytes.empty()) return 0;
  const size_t room = endpoint.Room();
  size_t size = std::min(room, bytes.size());
  const bool again = size > 0 && faults.Happens(Fault::kWriteAgain, endpoint.id, call);
  if (size == 0) faults.Count(Fault::kFull);
  if (endpoint.output_hidden || again) size = 0;
  if (size > 1 && faults.Happens(Fault::kShortWrite, endpoint.id, call)) {
    size = 1 + faults.Pick(size - 1, endpoint.id, call, kLength);
    network_.RevealOutput(endpoint);
  }
  if (again) network_.RevealOutput(endpoint);
  if (size < bytes.size()) endpoint.wants_space = true;
  if (size == 0) return -EAGAIN;
  network_.Send(endpoint, bytes.substr(0, size));
  return static_cast<ptrdiff_t>(size);
}

ptrdiff_t SimKernel::Send(int fd, const char* bytes, size_t size) {
  Endpoint* const endpoint = Use(fd, "send");
  if (endpoint == nullptr) return -EBADF;
  const ptrdiff_t result = Done(Call::kSend, fd, Write(*endpoint, {bytes, size}));
  if (result > 0) bytes_moved_ += static_cast<uint64_t>(result);
  return result;
}

int SimKernel::ShutdownWrite(int fd) {
  Endpoint* const endpoint = Use(fd, "shutdown");
  if (endpoint == nullptr) return -EBADF;
  if (endpoint->state != Endpoint::State::kOpen) return -ENOTCONN;
  network_.SendEnd(*endpoint);
  return static_cast<int>(Done(Call::kShutdown, fd, 0));
}

}  // namespace quorate::io
