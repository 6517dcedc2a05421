// SPDX-License-Identifier: Apache-2.0
#include "engine/node/peers.h"

#include <algorithm>
#include <vector>

#include "engine/node/limits.h"

namespace quorate::node {

void Peers::Heard(NodeId peer, Incarnation life, WallTime peer_wall, WallTime own_wall) {
  Peer& known = peers_[peer];
  if (life < known.life) return;  // late, from an earlier one
  known.life = life;
  known.life_known = true;
  known.suspect_until = Instant::min();
  known.offset_ms = peer_wall.ms - own_wall.ms;
  known.heard = true;
}

void Peers::Suspect(NodeId peer, Instant until) {
  Peer& known = peers_[peer];
  known.suspect_until = until;
  known.life_known = false;
}

Incarnation Peers::LifeOf(NodeId peer) const {
  const auto at = peers_.find(peer);
  return at == peers_.end() || !at->second.life_known ? Incarnation{} : at->second.life;
}

bool Peers::Reachable(NodeId peer, Instant now) const {
  const auto at = peers_.find(peer);
  return at == peers_.end() || at->second.suspect_until <= now;
}

int64_t Peers::MedianOffsetMs() const {
  std::vector<int64_t> offsets = {0};
  for (const auto& [id, peer] : peers_) {
    if (peer.heard) offsets.push_back(peer.offset_ms);
    if (offsets.size() > kClocksCompared) break;  // ids are random: these stand for the rest
  }
  if (offsets.size() < 3) return 0;
  // The lower median: with an even number our own clock gets the benefit of the doubt.
  const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>((offsets.size() - 1) / 2);
  std::nth_element(offsets.begin(), middle, offsets.end());
  return *middle;
}

bool Peers::ClockIsOff(Duration bound) const {
  const int64_t offset = MedianOffsetMs();
  return std::chrono::milliseconds(offset < 0 ? -offset : offset) > bound;
}

}  // namespace quorate::node
