// SPDX-License-Identifier: Apache-2.0
#include "io/net/client_connection.h"

#include <algorithm>

#include "engine/base/check.h"
#include "io/net/client_set.h"
#include "io/net/limits.h"

namespace quorate::io {

ClientConnection::ClientConnection(ClientSet& set, std::unique_ptr<ByteStream> stream,
                                   node::RequestPort& port, ClientId id)
    : set_(set), stream_(std::move(stream)), session_(port, id, *this) {}

ClientConnection::~ClientConnection() { Close(); }

void ClientConnection::OnReady(Readiness readiness) {
  QUORATE_DCHECK(!closed_);
  hung_up_ = hung_up_ || readiness.hung_up;
  if (readiness.writable && blocked_) {
    blocked_ = false;
    set_.reactor_.WatchOutput(stream_->fd(), *this, false);
    set_.NoteWriter(*this);
  }
  if (!readiness.readable) return;
  readable_ = true;
  if (in_readers_) return;  // had its share of this tick
  if (set_.paused_) {
    set_.NoteReader(*this);
  } else {
    ReadInput();
  }
}

void ClientConnection::OutputReady(resp::Session&) { set_.NoteWriter(*this); }

void ClientConnection::AfterTickNeeded(resp::Session&) {
  tick_needed_ = true;
  set_.in_tick_.push_back(this);
}

void ClientConnection::ReadInput() {
  size_t budget = kReadBytesPerTick;
  while (budget > 0 && CanRead()) {
    std::span<char> space = session_.InputSpace(kReadBytesMin);
    space = space.first(std::min(space.size(), budget));
    const StreamResult result = stream_->Read(space);
    budget -= result.bytes;
    if (result.bytes > 0) session_.InputFilled(result.bytes);
    switch (result.state) {
      case StreamState::kMore:
        break;
      case StreamState::kBlocked:
        // After a hang-up no new edge tells of the end, so it is looked for.
        readable_ = hung_up_ && result.bytes > 0;
        break;
      case StreamState::kClosed:
        readable_ = false;
        session_.InputClosed();
        break;
      case StreamState::kFailed:
        Failed();
        return;
    }
  }
  trimmed_ = false;
  active_ = set_.now_;
  // A TLS stream may have something to say that no request asked for.
  if (stream_->pending_output()) set_.NoteWriter(*this);
  if (CanRead()) set_.NoteReader(*this);
}

void ClientConnection::AfterTick() {
  tick_needed_ = false;
  session_.AfterTick();
  if (CanRead()) set_.NoteReader(*this);
}

void ClientConnection::WriteOutput() {
  if (closed_ || blocked_) return;
  while (!session_.Output().empty() || stream_->pending_output()) {
    const StreamResult result = stream_->Write(session_.Output());
    if (result.bytes > 0) session_.OutputWritten(result.bytes);
    if (result.state == StreamState::kFailed || result.state == StreamState::kClosed) {
      Failed();
      return;
    }
    if (result.state == StreamState::kBlocked) {
      blocked_ = true;
      set_.reactor_.WatchOutput(stream_->fd(), *this, true);
      set_.CheckOutputLimit(*this);
      return;
    }
  }
  active_ = set_.now_;
  if (session_.ShouldClose()) {
    stream_->Shutdown();
    Close();
  } else if (CanRead()) {
    set_.NoteReader(*this);
  }
}

void ClientConnection::Failed() {
  set_.NoteFailure(*this);
  Close();
}

void ClientConnection::Close() {
  if (closed_) return;
  closed_ = true;
  set_.reactor_.Remove(stream_->fd(), *this);
  set_.closed_.push_back(this);
}

}  // namespace quorate::io
