// SPDX-License-Identifier: Apache-2.0
#include "engine/node/taken_requests.h"

#include <algorithm>
#include <utility>

#include "engine/base/random.h"
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

uint64_t HashOf(const TakenRequest& request) {
  return Mix(Mix(request.node.value, request.incarnation.value), request.id.value);
}

}  // namespace

TakenRequests::Requester TakenRequests::RequesterOf(const TakenRequest& request) {
  return {request.node, request.incarnation, static_cast<uint16_t>(request.id.value >> 48)};
}

bool TakenRequests::Contains(const TakenRequest& request) const {
  const auto is = [&](uint32_t number) { return At(number).request == request; };
  if (numbers_.Find(HashOf(request), is) != nullptr) return true;
  if (floors_.empty()) return false;
  const auto floor = floors_.find(RequesterOf(request));
  return floor != floors_.end() && request.id.value <= floor->second.id;
}

void TakenRequests::FetchAhead(const TakenRequest& request) const {
  numbers_.FetchAhead(HashOf(request));
}

void TakenRequests::Add(const TakenRequest& request, HybridTime expires, HybridTime now) {
  ForgetOld(now);
  const auto is = [&](uint32_t number) { return At(number).request == request; };
  if (numbers_.Find(HashOf(request), is) != nullptr) return;
  Append({std::max(now, expires), request});
  while (size() > max_) ForgetFirst();
}

void TakenRequests::Append(const Taken& taken) {
  if (size() == ring_.size()) {
    std::vector<Taken> wider(std::max(kTakenInitial, ring_.size() * 2));
    for (size_t i = 1; i <= size(); ++i) {
      const uint32_t number = end_ - static_cast<uint32_t>(i);
      wider[number & (wider.size() - 1)] = At(number);
    }
    ring_ = std::move(wider);
  }
  ring_[end_ & (ring_.size() - 1)] = taken;
  if (size() == 0) first_until_ = taken.until;
  numbers_.Add(HashOf(taken.request), end_);
  ++end_;
}

void TakenRequests::DropFirst() {
  const uint32_t first = end_ - static_cast<uint32_t>(size());
  numbers_.Erase(numbers_.Find(HashOf(At(first).request),
                               [first](uint32_t number) { return number == first; }));
  if (size() > 0) first_until_ = First().until;
}

void TakenRequests::ForgetOld(HybridTime now) {
  while (size() > 0 && IsPast(first_until_, now)) DropFirst();
  if (floors_.empty() || !IsPast(floors_looked_at_, now)) return;
  floors_looked_at_ = now;
  std::erase_if(floors_, [now](const auto& entry) { return IsPast(entry.second.until, now); });
}

void TakenRequests::ForgetFirst() {
  const auto& [until, request] = First();
  if (!QUORATE_PLANTED(planted_, kForgetFloor)) {
    Floor& floor = floors_[RequesterOf(request)];
    floor.id = std::max(floor.id, request.id.value);
    floor.until = std::max(floor.until, until);
  }
  DropFirst();
}

void TakenRequests::Save(Bytes& out) const {
  PutVarint(out, size());
  for (size_t left = size(); left > 0; --left) {
    const auto& [until, request] = At(end_ - static_cast<uint32_t>(left));
    PutRequest(out, until, request);
  }
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
    const auto [until, request] = ReadRequest(reader);
    Append({until, request});
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
