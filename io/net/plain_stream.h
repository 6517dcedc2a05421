// SPDX-License-Identifier: Apache-2.0
// A stream socket as a ByteStream.
#pragma once

#include "io/disk/file_descriptor.h"
#include "io/net/byte_stream.h"
#include "io/reactor/kernel.h"

namespace quorate::io {

class PlainStream final : public ByteStream {
 public:
  // `connecting`: the connection was begun and may still fail.
  PlainStream(Kernel& kernel, FileDescriptor socket, bool connecting)
      : kernel_(kernel), socket_(std::move(socket)), connecting_(connecting) {}

  // Fewer bytes than there was space for mean kBlocked: the kernel had no more, and what comes
  // later makes the descriptor ready again. That saves the call that would only say EAGAIN.
  StreamResult Read(std::span<char> space) override;
  StreamResult Write(std::string_view bytes) override;
  void Shutdown() override;
  [[nodiscard]] int fd() const override { return socket_.get(); }
  [[nodiscard]] absl::Status error() const override;
  [[nodiscard]] bool established() const override { return !connecting_ && error_ == 0; }

 private:
  StreamResult Failed(ptrdiff_t result);

  Kernel& kernel_;
  FileDescriptor socket_;
  bool connecting_;
  int error_ = 0;
};

}  // namespace quorate::io
