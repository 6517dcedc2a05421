// SPDX-License-Identifier: Apache-2.0
// One client of the server under test: holds its conversation over a simulated socket, plain or
// with TLS, and judges every byte that it hears.
#pragma once

#include <memory>
#include <string>

#include "io/net/tcp_transport.h"
#include "tests/io/kernel/conversation.h"
#include "tests/io/kernel/sim_kernel.h"

namespace quorate::io {

class ClientActor {
 public:
  ClientActor(SimKernel& kernel, std::string address, bool tls, uint64_t seed, Instant begin,
              Conversation conversation)
      : kernel_(kernel),
        tcp_(kernel, {}),
        address_(std::move(address)),
        tls_(tls),
        draws_(seed),
        next_(begin),
        conversation_(std::move(conversation)) {}

  // When Act should be called next.
  [[nodiscard]] Instant next() const { return next_; }
  void Act(Instant now, bool faults_over);
  [[nodiscard]] bool finished() const { return finished_; }
  // It was told all it was owed, or a fault took the connection away, or it left.
  [[nodiscard]] bool content() const { return content_; }
  // Heard a byte that it must not hear; empty as a rule.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::string Describe() const;
  [[nodiscard]] Instant began() const { return began_; }

 private:
  bool Open(Instant now);
  bool Speak();
  bool Hear(bool faults_over);
  void Judge(std::string_view bytes);
  void End(bool content);

  SimKernel& kernel_;
  TcpTransport tcp_;
  const std::string address_;
  const bool tls_;
  Prng draws_;
  Instant next_;
  Instant began_{};
  const Conversation conversation_;
  std::unique_ptr<ByteStream> stream_;
  size_t said_ = 0;
  size_t heard_ = 0;
  bool ended_side_ = false;
  bool finished_ = false;
  bool content_ = false;
  std::string failure_;
};

}  // namespace quorate::io
