// SPDX-License-Identifier: Apache-2.0
// A connection as its owner sees it: bytes in, bytes out, never blocking. A plain socket is one,
// TLS over another stream is one.
//
// Written for edge-triggered epoll: kBlocked says that nothing more can be done now and that the
// descriptor will become ready when it can; any other answer means "ask again".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/status.h"

namespace quorate::io {

enum class StreamState : uint8_t {
  kMore,     // more may be possible at once
  kBlocked,  // `bytes` were moved, and now the kernel must act first
  kClosed,   // the peer ended orderly; nothing more will be read
  kFailed,   // error() says why; the stream is of no use
};

struct StreamResult {
  size_t bytes = 0;
  StreamState state = StreamState::kMore;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Requires: space is not empty. Bytes may come together with any state.
  virtual StreamResult Read(std::span<char> space) = 0;
  // Takes a prefix of `bytes`. Bytes taken may still wait inside (pending_output); they are written
  // by later calls, which may be with no bytes.
  virtual StreamResult Write(std::string_view bytes) = 0;
  [[nodiscard]] virtual bool pending_output() const { return false; }
  // Tells the peer that no more comes, as far as that goes without waiting.
  virtual void Shutdown() = 0;

  [[nodiscard]] virtual int fd() const = 0;
  // Ok, or why the stream failed.
  [[nodiscard]] virtual absl::Status error() const = 0;
  // True once bytes can be exchanged (TCP connected, TLS handshake complete and verified).
  [[nodiscard]] virtual bool established() const = 0;
  // The node that the peer proved to be; nothing where the transport proves nothing.
  [[nodiscard]] virtual std::optional<NodeId> peer_node() const { return std::nullopt; }
};

}  // namespace quorate::io
