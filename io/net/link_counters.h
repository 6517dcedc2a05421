// SPDX-License-Identifier: Apache-2.0
// What the links of a node did, summed over shards and peers.
#pragma once

#include <cstdint>

namespace quorate::io {

struct LinkCounters {
  uint64_t connected = 0;  // links out that are up now
  uint64_t accepted = 0;   // links in that are up now
  uint64_t connects = 0;   // attempts
  uint64_t connect_failures = 0;
  uint64_t disconnects = 0;
  uint64_t refused = 0;  // peers that were turned away: foreign cluster, node or certificate
  uint64_t frames_out = 0;
  uint64_t frames_in = 0;
  uint64_t messages_out = 0;
  uint64_t messages_in = 0;
  uint64_t messages_unknown = 0;  // of a later release, and left out
  uint64_t bytes_out = 0;
  uint64_t bytes_in = 0;
  uint64_t dropped = 0;  // messages not sent: the peer is away, or its queue is full

  void Merge(const LinkCounters& other) {
    connected += other.connected;
    accepted += other.accepted;
    connects += other.connects;
    connect_failures += other.connect_failures;
    disconnects += other.disconnects;
    refused += other.refused;
    frames_out += other.frames_out;
    frames_in += other.frames_in;
    messages_out += other.messages_out;
    messages_in += other.messages_in;
    messages_unknown += other.messages_unknown;
    bytes_out += other.bytes_out;
    bytes_in += other.bytes_in;
    dropped += other.dropped;
  }
};

}  // namespace quorate::io
