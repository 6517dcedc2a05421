// SPDX-License-Identifier: Apache-2.0
#include "io/net/peer_link.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/base/random.h"
#include "io/net/limits.h"
#include "io/net/message_size.h"

namespace quorate::io {
namespace {

constexpr uint64_t kJitterPurpose = 0x6c696e6b;

}  // namespace

PeerLink::~PeerLink() {
  if (stream_) context_.reactor.Remove(stream_->fd(), *this);
  if (state_ == State::kUp) --context_.counters.connected;
}

void PeerLink::Send(const env::Target& target, wire::Message message) {
  const size_t bytes = MessageBytes(message);
  const size_t queued = envelope_bytes_ + output_.size() - written_;
  const bool full = queued > 0 && queued + bytes > context_.bytes_max;
  if (full || (state_ == State::kBackoff && context_.now < until_)) {
    ++context_.counters.dropped;
    return;
  }
  envelope_bytes_ += bytes;
  envelopes_.push_back({target, std::move(message)});
}

void PeerLink::EndTick(const wire::FrameHeader& header) {
  if (state_ == State::kBackoff && context_.now >= until_) state_ = State::kIdle;
  if (envelopes_.empty()) return;
  if (state_ == State::kIdle) Connect();
  if (state_ == State::kBackoff) {
    Drop();
    return;
  }
  Encode(header);
  if (state_ != State::kUp) return;
  TellThatItLasts();
  Flush();
}

void PeerLink::Encode(const wire::FrameHeader& header) {
  const std::span<const wire::Envelope> all(envelopes_);
  size_t begin = 0;
  size_t bytes = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    bytes += MessageBytes(all[i].message);
    if (bytes < kFrameBytesAim && i + 1 < all.size()) continue;
    wire::EncodeFrame(header, all.subspan(begin, i + 1 - begin), output_);
    ++context_.counters.frames_out;
    begin = i + 1;
    bytes = 0;
  }
  context_.counters.messages_out += all.size();
  output_messages_ += all.size();
  envelopes_.clear();
  envelope_bytes_ = 0;
}

void PeerLink::Connect() {
  const std::optional<std::string> address = context_.addresses.Find(peer_);
  if (!address) {
    // Without an address, or until its name is resolved.
    ++failures_;
    state_ = State::kBackoff;
    until_ = context_.now + kBackoffMin;
    return;
  }
  ++context_.counters.connects;
  state_ = State::kConnecting;
  until_ = context_.now + kConnectTimeout;
  absl::StatusOr<FileDescriptor> socket = context_.transport.Dial(*address);
  if (!socket.ok()) return Fail(socket.status());
  absl::StatusOr<std::unique_ptr<ByteStream>> stream =
      context_.transport.Connect(*std::move(socket), peer_);
  if (!stream.ok()) return Fail(stream.status());
  stream_ = *std::move(stream);
  watches_output_ = true;
  const absl::Status added = context_.reactor.Add(stream_->fd(), *this, /*output=*/true);
  if (!added.ok()) {
    stream_.reset();
    Fail(added);
  }
}

void PeerLink::OnReady(Readiness readiness) {
  if (!stream_) return;
  Advance();
  if (stream_ && (readiness.readable || readiness.hung_up)) ReadNothing();
}

// Drives the handshake, and then the output.
void PeerLink::Advance() {
  if (state_ != State::kConnecting) return Flush();
  const StreamResult result = stream_->Write({});
  if (result.state == StreamState::kFailed) return Fail(stream_->error());
  if (stream_->established()) {
    Establish();
    Flush();
  } else {
    WatchOutput(stream_->pending_output() || result.state == StreamState::kBlocked);
  }
}

void PeerLink::Establish() {
  state_ = State::kUp;
  up_since_ = context_.now;
  ++context_.counters.connected;
}

// Not at once: a peer that refuses what it is told closes the link as soon as it has read it, every
// time anew.
void PeerLink::TellThatItLasts() {
  if (last_error_.empty() || context_.now - up_since_ <= kBackoffMax) return;
  last_error_.clear();
  context_.observer.Log(env::LogLevel::kInfo, Format("link to node %016x at %s is up", peer_.value,
                                                     context_.addresses.TextOf(peer_)));
}

void PeerLink::Flush() {
  while (written_ < output_.size() || stream_->pending_output()) {
    const StreamResult result = stream_->Write(std::string_view(output_).substr(written_));
    written_ += result.bytes;
    context_.counters.bytes_out += result.bytes;
    if (result.state == StreamState::kFailed || result.state == StreamState::kClosed) {
      return Fail(stream_->error());
    }
    if (result.state == StreamState::kBlocked) {
      // What was written is given back early, so that the buffer does not grow with a slow peer.
      if (written_ > output_.size() / 2) {
        output_.erase(0, written_);
        written_ = 0;
      }
      return WatchOutput(true);
    }
  }
  output_.clear();
  written_ = 0;
  output_messages_ = 0;
  if (output_.capacity() > 16 * kBufferBytesKept) Bytes().swap(output_);
  WatchOutput(false);
}

// A peer says nothing on our link; what can be read is its end, or the reason why TLS failed.
void PeerLink::ReadNothing() {
  std::array<char, 4096> space;
  while (true) {
    const StreamResult result = stream_->Read(space);
    if (result.state == StreamState::kFailed) return Fail(stream_->error());
    if (result.state == StreamState::kClosed) return Fail(Unavailable("closed by the peer"));
    if (result.state == StreamState::kBlocked && result.bytes == 0) break;
  }
  if (state_ == State::kConnecting && stream_->established()) {
    Establish();
    Flush();
  }
}

void PeerLink::WatchOutput(bool on) {
  if (std::exchange(watches_output_, on) == on) return;
  context_.reactor.WatchOutput(stream_->fd(), *this, on);
}

void PeerLink::Fail(const absl::Status& status) {
  if (state_ == State::kUp) {
    --context_.counters.connected;
    ++context_.counters.disconnects;
    if (context_.now - up_since_ > kBackoffMax) failures_ = 0;
  } else {
    ++context_.counters.connect_failures;
  }
  if (stream_) {
    context_.reactor.Remove(stream_->fd(), *this);
    stream_.reset();
  }
  Drop();
  const uint64_t doublings = std::min<uint64_t>(failures_++, 20);
  const Duration longest = std::min(kBackoffMax, kBackoffMin * (int64_t{1} << doublings));
  const uint64_t draw = KeyedHash(context_.seed, kJitterPurpose, peer_.value, failures_);
  const auto half = static_cast<uint64_t>(longest.count() / 2);
  state_ = State::kBackoff;
  until_ = context_.now + Duration(static_cast<int64_t>(half + Scale(draw, half + 1)));
  context_.addresses.Forget(peer_);
  std::string error = MessageOf(status);
  if (error == last_error_) return;
  last_error_ = std::move(error);
  context_.observer.Log(env::LogLevel::kWarning,
                        Format("link to node %016x at %s: %s", peer_.value,
                               context_.addresses.TextOf(peer_), last_error_));
}

// Frames that were begun on one connection make no sense on another.
void PeerLink::Drop() {
  context_.counters.dropped += envelopes_.size() + std::exchange(output_messages_, 0);
  envelopes_.clear();
  envelope_bytes_ = 0;
  output_.clear();
  written_ = 0;
}

Instant PeerLink::deadline() const {
  return state_ == State::kConnecting ? until_ : Instant::max();
}

void PeerLink::OnTime() {
  if (state_ == State::kConnecting && context_.now >= until_)
    Fail(Unavailable("no answer in time"));
}

void PeerLink::Reconnect() {
  if (stream_) Fail(Unavailable("the address of the peer changed"));
  state_ = State::kIdle;
  failures_ = 0;
}

}  // namespace quorate::io
