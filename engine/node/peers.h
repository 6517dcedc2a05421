// SPDX-License-Identifier: Apache-2.0
// What this shard has noticed of other nodes: who did not answer lately, and in which life they
// did. A hint for the order in which replicas are asked; never for how many must answer.
//
// Hearing from a peer is on the path of every message: for nearly all that are not suspected it
// costs one comparison and no memory.
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
  // A message came: the peer lives.
  void Heard(NodeId peer) {
    if (MayBeSuspect(peer)) NoLongerSuspect(peer);
  }
  // A request to the peer timed out: it may have restarted.
  void Suspect(NodeId peer, Instant until);
  // Asks for the memory that Answered will look at.
  void FetchAhead(NodeId peer) const { lives_.FetchAhead(peer); }
  // The peer has answered a request to execute.
  void Answered(NodeId peer, Incarnation life);
  // The life in which a peer last answered; 0 where that is not known.
  [[nodiscard]] Incarnation LifeOf(NodeId peer) const;
  [[nodiscard]] bool Reachable(NodeId peer, Instant now) const;
  // Peers not heard from since a request to them timed out.
  [[nodiscard]] size_t suspects() const { return suspect_until_.size(); }

  void Save(Bytes& out) const;
  void Load(ByteReader& reader);

 private:
  // In which life each peer last answered: a table that is only ever asked for one peer, in one
  // look at memory, as it is for every message of a cluster in which everyone answers everyone.
  class Lives {
   public:
    [[nodiscard]] Incarnation Of(NodeId peer) const;
    // The place of the peer's life; 0 where none was known.
    Incarnation& At(NodeId peer);
    void FetchAhead(NodeId peer) const;
    void Save(Bytes& out) const;

   private:
    struct Entry {
      NodeId peer;
      Incarnation life;
      bool used = false;
    };
    [[nodiscard]] size_t HomeOf(NodeId peer) const;
    [[nodiscard]] size_t Find(NodeId peer) const;
    void Grow();

    std::vector<Entry> entries_;  // a power of two, or none
    size_t used_ = 0;
  };

  [[nodiscard]] bool MayBeSuspect(NodeId peer) const {
    return (suspect_bits_ >> (peer.value % 64) & 1) != 0;
  }
  void NoLongerSuspect(NodeId peer);

  std::map<NodeId, Instant> suspect_until_;  // of those not heard from since
  uint64_t suspect_bits_ = 0;                // a bit for the end of each of their ids
  Lives lives_;
};

}  // namespace quorate::node
