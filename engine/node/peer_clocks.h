// SPDX-License-Identifier: Apache-2.0
// How far this node's wall clock is from its peers', as round trips show it: a reply was signed
// between the sending of its request and its arrival, so the peer's clock is known to within that
// time [Cristian 1989]. A message on its own shows nothing: it may have been under way for an hour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/wire/message.h"

namespace quorate::node {

class PeerClocks {
 public:
  // A reply that `peer` has signed at `signed_at` came `now`, to a request that left at `asked`.
  // In a cluster of a thousand nodes most peers are not among the few that are compared: for these
  // this costs a comparison and no memory.
  void Measure(NodeId peer, WallTime signed_at, const Clocks& asked, const Clocks& now);
  // Peers not measured since are compared no longer: they may be gone, and one's own clock be set.
  void Forget(Instant measured_before);
  // How far the median of all clocks, the own one included, is ahead of ours; of an even number
  // the lower. 0 where no peer or one is known: nobody can tell then who is wrong.
  [[nodiscard]] int64_t MedianOffsetMs() const;
  [[nodiscard]] bool IsOff(Duration bound) const;

  // The next peer to be sent a ping, or none, as each has one under way that is not overdue; `id`
  // names the ping.
  [[nodiscard]] NodeId TakeUnasked(wire::RequestId id, const Clocks& now);
  // An answer to one of these pings; others are ignored.
  void Answered(NodeId peer, wire::RequestId id, WallTime signed_at, const Clocks& now);

  void Save(Bytes& out) const;
  void Load(ByteReader& reader);

 private:
  struct Known {
    NodeId peer;
    int64_t offset_ms = 0;  // of what the last round trip leaves open the value next to 0
    Instant measured;
  };
  struct PingUnderWay {
    NodeId peer;
    wire::RequestId id;
    Clocks sent;
  };
  // Where the peer is, or belongs.
  [[nodiscard]] std::vector<Known>::iterator Find(NodeId peer);
  void SetHighest();

  // Of the peers measured lately those with the lowest ids, rising, at most kClocksCompared: ids
  // are random, so these stand for the rest.
  std::vector<Known> known_;
  NodeId highest_{UINT64_MAX};  // the last of them, once they are that many
  std::vector<PingUnderWay> pings_;
};

}  // namespace quorate::node
