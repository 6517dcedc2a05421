// SPDX-License-Identifier: Apache-2.0
// Accepts connections from one listening socket and hands them on. When the process has no
// descriptor left it rests for a moment instead of being woken again and again.
#pragma once

#include <functional>
#include <string>

#include "io/disk/file_descriptor.h"
#include "io/net/address.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

class Listener final : public EventHandler {
 public:
  using Accepted = std::function<void(FileDescriptor, const SocketAddress&)>;

  Listener(Reactor& reactor, FileDescriptor socket, std::string address, Accepted accepted);
  ~Listener() override;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  absl::Status Start();
  void OnReady(Readiness readiness) override;
  // Accepts nothing until Retry. From within `accepted` too.
  void Rest();
  // Tries again where it rests. Called once per kAcceptRetryDelay or so.
  void Retry();
  [[nodiscard]] bool resting() const { return resting_; }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  Reactor& reactor_;
  FileDescriptor socket_;
  const std::string address_;
  const Accepted accepted_;
  bool watched_ = false;
  bool resting_ = false;
};

}  // namespace quorate::io
