// SPDX-License-Identifier: Apache-2.0
// How connections are made and protected: the hook by which a user brings other sockets or other
// cryptography. Used by all shard threads at once, so an implementation is thread-safe. No call
// blocks; names are resolved before Dial.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "io/disk/file_descriptor.h"
#include "io/net/byte_stream.h"

namespace quorate::io {

class Transport {
 public:
  virtual ~Transport() = default;

  struct Listening {
    FileDescriptor socket;  // non-blocking; accept4 gives the connections
    std::string address;    // with the port that was chosen
  };
  // `share_port`: further sockets of this process will listen on the same address, and the kernel
  // spreads connections over them. `first`: none does yet; an address in use is an error.
  virtual absl::StatusOr<Listening> Listen(const std::string& address, bool share_port,
                                           bool first) = 0;
  // A non-blocking socket that is connected or about to be. `address` has a numeric host, or is
  // unix:/path.
  virtual absl::StatusOr<FileDescriptor> Dial(const std::string& address) = 0;

  virtual absl::StatusOr<std::unique_ptr<ByteStream>> Accept(FileDescriptor socket) = 0;
  // `expected` is the node that must be at the other end; the stream fails where it proves to be
  // another. A transport that proves nothing ignores it.
  virtual absl::StatusOr<std::unique_ptr<ByteStream>> Connect(FileDescriptor socket,
                                                              NodeId expected) = 0;
};

}  // namespace quorate::io
