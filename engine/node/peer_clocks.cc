// SPDX-License-Identifier: Apache-2.0
#include "engine/node/peer_clocks.h"

#include <algorithm>
#include <array>

#include "engine/node/limits.h"
#include "engine/node/saved.h"

namespace quorate::node {
namespace {

int64_t InMs(Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

std::vector<PeerClocks::Known>::iterator PeerClocks::Find(NodeId peer) {
  return std::lower_bound(known_.begin(), known_.end(), peer,
                          [](const Known& known, NodeId wanted) { return known.peer < wanted; });
}

void PeerClocks::SetHighest() {
  highest_ = known_.size() == kClocksCompared ? known_.back().peer : NodeId{UINT64_MAX};
}

void PeerClocks::Measure(NodeId peer, WallTime signed_at, const Clocks& asked, const Clocks& now) {
  if (highest_ < peer) return;
  // Either clock may have been set, or have stood still, since the request left: the longer time
  // is the one that claims less.
  const int64_t round_trip_ms = std::max(
      {int64_t{0}, now.wall.ms - asked.wall.ms, InMs(now.monotonic - asked.monotonic) + 1});
  const int64_t least_ms = HybridTime::FromMs(signed_at.ms).ms() - now.wall.ms;
  const int64_t offset_ms = std::clamp<int64_t>(0, least_ms, least_ms + round_trip_ms);
  auto at = Find(peer);
  if (at == known_.end() || at->peer != peer) {
    at = known_.insert(at, Known{peer, 0, {}});
  }
  at->offset_ms = offset_ms;
  at->measured = now.monotonic;
  if (known_.size() > kClocksCompared) known_.pop_back();
  SetHighest();
}

void PeerClocks::Forget(Instant measured_before) {
  std::erase_if(known_, [=](const Known& known) { return known.measured < measured_before; });
  SetHighest();
}

int64_t PeerClocks::MedianOffsetMs() const {
  if (known_.size() < 2) return 0;
  std::array<int64_t, kClocksCompared + 1> offsets{};  // the first is our own
  const auto end = std::transform(known_.begin(), known_.end(), offsets.begin() + 1,
                                  [](const Known& known) { return known.offset_ms; });
  const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>(known_.size() / 2);
  std::nth_element(offsets.begin(), middle, end);
  return *middle;
}

bool PeerClocks::IsOff(Duration bound) const {
  const int64_t offset = MedianOffsetMs();
  return std::chrono::milliseconds(offset < 0 ? -offset : offset) > bound;
}

NodeId PeerClocks::TakeUnasked(wire::RequestId id, const Clocks& now) {
  std::erase_if(pings_, [&](const PingUnderWay& ping) {
    return ping.sent.monotonic + kClockPingTimeout <= now.monotonic;
  });
  for (const Known& known : known_) {
    const bool waits = std::any_of(pings_.begin(), pings_.end(), [&](const PingUnderWay& ping) {
      return ping.peer == known.peer;
    });
    if (waits || pings_.size() == kClocksCompared) continue;
    pings_.push_back({known.peer, id, now});
    return known.peer;
  }
  return NodeId{};
}

void PeerClocks::Answered(NodeId peer, wire::RequestId id, WallTime signed_at, const Clocks& now) {
  const auto at = std::find_if(pings_.begin(), pings_.end(), [=](const PingUnderWay& ping) {
    return ping.peer == peer && ping.id == id;
  });
  if (at == pings_.end()) return;
  const Clocks sent = at->sent;
  pings_.erase(at);
  Measure(peer, signed_at, sent, now);
}

void PeerClocks::Save(Bytes& out) const {
  PutVarint(out, known_.size());
  for (const Known& known : known_) {
    PutBigEndian(out, known.peer.value);
    PutBigEndian(out, known.offset_ms);
    PutInstant(out, known.measured);
  }
  PutVarint(out, pings_.size());
  for (const PingUnderWay& ping : pings_) {
    PutBigEndian(out, ping.peer.value);
    PutBigEndian(out, ping.id.value);
    PutClocks(out, ping.sent);
  }
}

void PeerClocks::Load(ByteReader& reader) {
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && i < kClocksCompared && reader.ok(); ++i) {
    Known known;
    known.peer = NodeId{reader.BigEndian<uint64_t>()};
    known.offset_ms = reader.BigEndian<int64_t>();
    known.measured = ReadInstant(reader);
    known_.push_back(known);
  }
  SetHighest();
  const uint64_t pings = reader.Varint();
  for (uint64_t i = 0; i < pings && i < kClocksCompared && reader.ok(); ++i) {
    PingUnderWay ping;
    ping.peer = NodeId{reader.BigEndian<uint64_t>()};
    ping.id = wire::RequestId{reader.BigEndian<uint64_t>()};
    ping.sent = ReadClocks(reader);
    pings_.push_back(ping);
  }
}

}  // namespace quorate::node
