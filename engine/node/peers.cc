// SPDX-License-Identifier: Apache-2.0
#include "engine/node/peers.h"

#include <algorithm>

#include "engine/base/random.h"

namespace quorate::node {
namespace {

constexpr uint64_t kLivesSalt = 0x6c69766573;
constexpr size_t kLivesInitial = 8;

uint64_t BitOf(NodeId peer) { return uint64_t{1} << (peer.value % 64); }

}  // namespace

size_t Peers::Lives::HomeOf(NodeId peer) const {
  return static_cast<size_t>(Mix(peer.value, kLivesSalt)) & (entries_.size() - 1);
}

// Linear probing, at most three quarters full. Requires: there is a free entry.
size_t Peers::Lives::Find(NodeId peer) const {
  size_t at = HomeOf(peer);
  while (entries_[at].used && entries_[at].peer != peer) at = (at + 1) & (entries_.size() - 1);
  return at;
}

void Peers::Lives::FetchAhead(NodeId peer) const {
  if (!entries_.empty()) __builtin_prefetch(&entries_[HomeOf(peer)]);
}

Incarnation Peers::Lives::Of(NodeId peer) const {
  return entries_.empty() ? Incarnation{} : entries_[Find(peer)].life;
}

Incarnation& Peers::Lives::At(NodeId peer) {
  if ((used_ + 1) * 4 > entries_.size() * 3) Grow();
  Entry& entry = entries_[Find(peer)];
  if (!entry.used) {
    entry = {peer, {}, true};
    ++used_;
  }
  return entry.life;
}

void Peers::Lives::Grow() {
  std::vector<Entry> old(std::max(kLivesInitial, entries_.size() * 2));
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.used) entries_[Find(entry.peer)] = entry;
  }
}

void Peers::Suspect(NodeId peer, Instant until) {
  suspect_until_[peer] = until;
  suspect_bits_ |= BitOf(peer);
  if (lives_.Of(peer) != Incarnation{}) lives_.At(peer) = Incarnation{};
}

void Peers::NoLongerSuspect(NodeId peer) {
  if (suspect_until_.erase(peer) == 0) return;
  suspect_bits_ = 0;
  for (const auto& [suspect, until] : suspect_until_) suspect_bits_ |= BitOf(suspect);
}

void Peers::Answered(NodeId peer, Incarnation life) {
  Incarnation& known = lives_.At(peer);
  known = std::max(known, life);
}

Incarnation Peers::LifeOf(NodeId peer) const { return lives_.Of(peer); }

bool Peers::Reachable(NodeId peer, Instant now) const {
  if (!MayBeSuspect(peer)) return true;
  const auto at = suspect_until_.find(peer);
  return at == suspect_until_.end() || at->second <= now;
}

// --- Save and Load

void Peers::Lives::Save(Bytes& out) const {
  PutVarint(out, used_);
  for (const Entry& entry : entries_) {
    if (!entry.used) continue;
    PutBigEndian(out, entry.peer.value);
    PutBigEndian(out, entry.life.value);
  }
}

void Peers::Save(Bytes& out) const {
  PutVarint(out, suspect_until_.size());
  for (const auto& [peer, until] : suspect_until_) {
    PutBigEndian(out, peer.value);
    PutBigEndian(out, until.time_since_epoch().count());
  }
  lives_.Save(out);
}

void Peers::Load(ByteReader& reader) {
  const uint64_t suspects = reader.Varint();
  for (uint64_t i = 0; i < suspects && reader.ok(); ++i) {
    const NodeId peer{reader.BigEndian<uint64_t>()};
    suspect_until_[peer] = Instant(Duration(reader.BigEndian<int64_t>()));
    suspect_bits_ |= BitOf(peer);
  }
  const uint64_t lives = reader.Varint();
  for (uint64_t i = 0; i < lives && reader.ok(); ++i) {
    const NodeId peer{reader.BigEndian<uint64_t>()};
    lives_.At(peer) = Incarnation{reader.BigEndian<uint32_t>()};
  }
}

}  // namespace quorate::node
