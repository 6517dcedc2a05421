// SPDX-License-Identifier: Apache-2.0
// What this shard has noticed of other nodes: who did not answer lately, and whose clock says what.
// A hint for the order in which replicas are asked; never for how many must answer.
#pragma once

#include <cstdint>
#include <map>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace quorate::node {

class Peers {
 public:
  // A message came: the peer lives, and its wall clock differs from ours by this much.
  void Heard(NodeId peer, Incarnation life, WallTime peer_wall, WallTime own_wall);
  // A request to the peer timed out: it may have restarted.
  void Suspect(NodeId peer, Instant until);
  // The peer's life as far as is known; 0 where it is not.
  [[nodiscard]] Incarnation LifeOf(NodeId peer) const;
  [[nodiscard]] bool Reachable(NodeId peer, Instant now) const;

  // True where our wall clock is further than `bound` from the median of all clocks, our own
  // included, with at least two peers known.
  [[nodiscard]] bool ClockIsOff(Duration bound) const;
  [[nodiscard]] int64_t MedianOffsetMs() const;

 private:
  struct Peer {
    Instant suspect_until = Instant::min();
    int64_t offset_ms = 0;
    bool heard = false;
    Incarnation life;         // the latest that was heard of
    bool life_known = false;  // heard of since it was last suspected
  };
  std::map<NodeId, Peer> peers_;
};

}  // namespace quorate::node
