// SPDX-License-Identifier: Apache-2.0
#include "io/net/listener.h"

#include <cerrno>
#include <utility>

#include "io/net/limits.h"

namespace quorate::io {

Listener::Listener(Reactor& reactor, FileDescriptor socket, std::string address, Accepted accepted)
    : reactor_(reactor),
      socket_(std::move(socket)),
      address_(std::move(address)),
      accepted_(std::move(accepted)) {}

Listener::~Listener() {
  if (watched_) reactor_.Remove(socket_.get(), *this);
}

absl::Status Listener::Start() {
  QUORATE_RETURN_IF_ERROR(reactor_.AddListener(socket_.get(), *this));
  watched_ = true;
  return absl::OkStatus();
}

void Listener::OnReady(Readiness) {
  for (int i = 0; i < kAcceptsPerTickMax && !resting_; ++i) {
    SocketAddress peer;
    const int fd = reactor_.kernel().Accept(socket_.get(), peer.storage, peer.size);
    if (fd >= 0) {
      accepted_(FileDescriptor(fd, &reactor_.kernel()), peer);
      continue;
    }
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) Rest();
    // A connection that ended before it was accepted says so here; the next one may be fine.
    if (fd == -EINTR || fd == -ECONNABORTED || fd == -EPROTO) continue;
    return;
  }
}

void Listener::Rest() {
  if (std::exchange(resting_, true)) return;
  watched_ = false;
  reactor_.Remove(socket_.get(), *this);
}

void Listener::Retry() {
  if (!resting_) return;
  resting_ = !Start().ok();
}

}  // namespace quorate::io
