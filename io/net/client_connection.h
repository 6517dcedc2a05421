// SPDX-License-Identifier: Apache-2.0
// A client's connection: a session of the protocol on a stream. It notes what became possible, and
// its ClientSet acts on the notes at the right moment of the tick.
#pragma once

#include <memory>

#include "adapters/resp/session.h"
#include "io/net/byte_stream.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

class ClientSet;

class ClientConnection final : public EventHandler, public resp::SessionHost {
 public:
  ClientConnection(ClientSet& set, std::unique_ptr<ByteStream> stream, node::RequestPort& port,
                   ClientId id);
  ~ClientConnection() override;

  void OnReady(Readiness readiness) override;
  void OutputReady(resp::Session& session) override;
  void AfterTickNeeded(resp::Session& session) override;

  // Reads once, as a rule, and hands over what is complete.
  void ReadInput();
  // The tick is over.
  void AfterTick();
  // Writes what may leave; once, as a rule.
  void WriteOutput();
  // No byte is moved any more; the set destroys the connection when the shard no longer needs it.
  void Close();

  [[nodiscard]] resp::Session& session() { return session_; }
  [[nodiscard]] bool CanRead() const { return !closed_ && readable_ && session_.WantsInput(); }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool tick_needed() const { return tick_needed_; }
  [[nodiscard]] const ByteStream& stream() const { return *stream_; }

 private:
  friend class ClientSet;
  void Failed();

  ClientSet& set_;
  std::unique_ptr<ByteStream> stream_;
  resp::Session session_;
  size_t index_ = 0;  // in the set
  Instant active_{};  // when it last had something to do
  bool readable_ = false;
  bool hung_up_ = false;
  bool blocked_ = false;     // output waits for the kernel
  bool in_readers_ = false;  // noted in the set's lists
  bool in_writers_ = false;
  bool tick_needed_ = false;
  bool trimmed_ = true;
  bool closed_ = false;
};

}  // namespace quorate::io
