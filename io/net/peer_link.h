// SPDX-License-Identifier: Apache-2.0
// The way out to one peer: everything a shard sends it in one tick leaves as one frame. A link
// carries one direction only; what the peer sends comes by its own link.
//
// It connects when there is something to send. While it connects, messages wait up to a limit;
// while the peer is known to be away they are dropped and counted, as a network may: whoever needs
// an answer has a deadline and asks again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/env/observer.h"
#include "engine/wire/frame.h"
#include "io/net/byte_stream.h"
#include "io/net/link_counters.h"
#include "io/net/peer_addresses.h"
#include "io/net/transport.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

// What all links of one shard have in common; lent.
struct LinkContext {
  Reactor& reactor;
  Transport& transport;
  PeerAddresses& addresses;
  env::Observer& observer;
  LinkCounters& counters;
  const Instant& now;  // of the tick
  uint64_t seed = 0;   // for the jitter of reconnection
  size_t bytes_max = 0;
};

class PeerLink final : public EventHandler {
 public:
  PeerLink(const LinkContext& context, NodeId peer) : context_(context), peer_(peer) {}
  ~PeerLink() override;
  PeerLink(const PeerLink&) = delete;
  PeerLink& operator=(const PeerLink&) = delete;

  // Takes the message for the frame of this tick, or drops it.
  void Send(const env::Target& target, wire::Message message);
  [[nodiscard]] bool has_messages() const { return !envelopes_.empty(); }
  // The tick is over: encodes what was sent, and writes as far as the kernel takes it.
  void EndTick(const wire::FrameHeader& header);

  void OnReady(Readiness readiness) override;
  // When OnTime must be called: a connection attempt takes too long. Instant::max() for never.
  [[nodiscard]] Instant deadline() const;
  void OnTime();
  // The address changed: what is connected elsewhere is given up.
  void Reconnect();

 private:
  enum class State : uint8_t { kIdle, kConnecting, kUp, kBackoff };

  void Connect();
  void Advance();
  void Establish();
  void TellThatItLasts();
  void Encode(const wire::FrameHeader& header);
  void Flush();
  void ReadNothing();
  void Fail(const absl::Status& status);
  void Drop();
  void WatchOutput(bool on);

  const LinkContext context_;
  const NodeId peer_;
  State state_ = State::kIdle;
  Instant until_{};  // of the attempt, or of the backoff
  Instant up_since_{};
  uint64_t failures_ = 0;   // in a row
  std::string last_error_;  // told, and the link has not lasted since
  std::unique_ptr<ByteStream> stream_;
  bool watches_output_ = false;

  std::vector<wire::Envelope> envelopes_;
  size_t envelope_bytes_ = 0;
  Bytes output_;
  size_t written_ = 0;          // of output_
  size_t output_messages_ = 0;  // encoded since output_ was empty
};

}  // namespace quorate::io
