// SPDX-License-Identifier: Apache-2.0
// What this shard has noticed of other nodes: who did not answer lately, and whose clock says what.
// A hint for the order in which replicas are asked; never for how many must answer.
//
// Hearing from a peer is on the path of every message, and in a cluster of a thousand nodes most
// peers are neither suspected nor among the few whose clocks are compared: for these it costs two
// comparisons and no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace quorate::node {

class Peers {
 public:
  // A message came: the peer lives, and its wall clock differs from ours by this much.
  void Heard(NodeId peer, WallTime peer_wall, WallTime own_wall);
  // A request to the peer timed out: it may have restarted.
  void Suspect(NodeId peer, Instant until);
  // The peer has answered a request to execute.
  void Answered(NodeId peer, Incarnation life);
  // The life in which a peer last answered; 0 where that is not known.
  [[nodiscard]] Incarnation LifeOf(NodeId peer) const;
  [[nodiscard]] bool Reachable(NodeId peer, Instant now) const;

  // True where our wall clock is further than `bound` from the median of all clocks, our own
  // included, with at least two peers known.
  [[nodiscard]] bool ClockIsOff(Duration bound) const;
  [[nodiscard]] int64_t MedianOffsetMs() const;

  void Save(Bytes& out) const;
  void Load(ByteReader& reader);

 private:
  struct Clock {
    NodeId peer;
    int64_t offset_ms = 0;
  };

  // In which life each peer last answered: a table that is only ever asked for one peer, in one
  // look at memory, as it is for every message of a cluster in which everyone answers everyone.
  class Lives {
   public:
    [[nodiscard]] Incarnation Of(NodeId peer) const;
    // The place of the peer's life; 0 where none was known.
    Incarnation& At(NodeId peer);
    void Save(Bytes& out) const;

   private:
    struct Entry {
      NodeId peer;
      Incarnation life;
      bool used = false;
    };
    [[nodiscard]] size_t Find(NodeId peer) const;
    void Grow();

    std::vector<Entry> entries_;  // a power of two, or none
    size_t used_ = 0;
  };

  std::map<NodeId, Instant> suspect_until_;  // of those not heard from since
  Lives lives_;
  // Of the peers heard so far those with the lowest ids, rising, at most kClocksCompared: ids are
  // random, so these stand for the rest.
  std::vector<Clock> clocks_;
  NodeId highest_compared_{UINT64_MAX};  // the last of them, once they are that many
};

}  // namespace quorate::node
