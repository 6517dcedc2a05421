// SPDX-License-Identifier: Apache-2.0
#include "engine/node/taken_requests.h"

#include <algorithm>

#include "engine/node/limits.h"

namespace quorate::node {
namespace {

bool IsPast(HybridTime until, HybridTime now) { return until.ms() + kMessageLifeMs < now.ms(); }

void PutRequest(Bytes& out, HybridTime until, const TakenRequest& request) {
  PutBigEndian(out, until.bits());
  PutBigEndian(out, request.node.value);
  PutBigEndian(out, request.incarnation.value);
  PutBigEndian(out, request.id.value);
}

std::pair<HybridTime, TakenRequest> ReadRequest(ByteReader& reader) {
  const auto until = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  const NodeId node{reader.BigEndian<uint64_t>()};
  const Incarnation incarnation{reader.BigEndian<uint32_t>()};
  return {until, {node, incarnation, {reader.BigEndian<uint64_t>()}}};
}

}  // namespace

TakenRequests::Requester TakenRequests::RequesterOf(const TakenRequest& request) {
  return {request.node, request.incarnation, static_cast<uint16_t>(request.id.value >> 48)};
}

bool TakenRequests::Contains(const TakenRequest& request) const {
  if (taken_.contains(request)) return true;
  if (floors_.empty()) return false;
  const auto floor = floors_.find(RequesterOf(request));
  return floor != floors_.end() && request.id.value <= floor->second.id;
}

void TakenRequests::Add(const TakenRequest& request, HybridTime expires, HybridTime now) {
  ForgetOld(now);
  if (!taken_.insert(request).second) return;
  order_.emplace_back(std::max(now, expires), request);
  while (taken_.size() > max_) ForgetFirst();
}

void TakenRequests::ForgetOld(HybridTime now) {
  while (!order_.empty() && IsPast(order_.front().first, now)) {
    taken_.erase(order_.front().second);
    order_.pop_front();
  }
  if (floors_.empty() || !IsPast(floors_looked_at_, now)) return;
  floors_looked_at_ = now;
  std::erase_if(floors_, [now](const auto& entry) { return IsPast(entry.second.until, now); });
}

void TakenRequests::ForgetFirst() {
  const auto& [until, request] = order_.front();
  if (!QUORATE_PLANTED(planted_, kForgetFloor)) {
    Floor& floor = floors_[RequesterOf(request)];
    floor.id = std::max(floor.id, request.id.value);
    floor.until = std::max(floor.until, until);
  }
  taken_.erase(request);
  order_.pop_front();
}

void TakenRequests::Save(Bytes& out) const {
  PutVarint(out, order_.size());
  for (const auto& [until, request] : order_) PutRequest(out, until, request);
  PutVarint(out, floors_.size());
  for (const auto& [requester, floor] : floors_) {
    const auto& [node, incarnation, shard] = requester;
    PutRequest(out, floor.until, {node, incarnation, {floor.id}});
  }
  PutBigEndian(out, floors_looked_at_.bits());
}

void TakenRequests::Load(ByteReader& reader) {
  const uint64_t taken = reader.Varint();
  for (uint64_t i = 0; i < taken && reader.ok(); ++i) {
    const auto& [until, request] = order_.emplace_back(ReadRequest(reader));
    taken_.insert(request);
  }
  const uint64_t floors = reader.Varint();
  for (uint64_t i = 0; i < floors && reader.ok(); ++i) {
    const auto [until, request] = ReadRequest(reader);
    // The floor's id names its shard, too.
    floors_.insert_or_assign(RequesterOf(request), Floor{request.id.value, until});
  }
  floors_looked_at_ = HybridTime::FromBits(reader.BigEndian<uint64_t>());
}

}  // namespace quorate::node
