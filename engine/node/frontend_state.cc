// SPDX-License-Identifier: Apache-2.0
// Save and Load of the clients' side: who is connected, and the requests that wait.
#include <utility>

#include "engine/base/check.h"
#include "engine/node/frontend.h"
#include "engine/node/saved.h"

namespace quorate::node {

// --- parts of requests

void RequestParts::Save(Bytes& out, bool hides) const {
  PutVarint(out, parts_.size());
  for (const auto& [ticket, part] : parts_) {
    PutVarint(out, ticket);
    PutVarint(out, part.id.pending);
    PutVarint(out, part.id.index);
    PutVarint(out, part.client.value);
    PutKeyCommand(out, part.command, hides);
    PutVarint(out, part.candidates.size());
    for (const NodeId candidate : part.candidates) PutBigEndian(out, candidate.value);
    PutVarint(out, part.next_candidate);
    PutBigEndian(out, part.asked.value);
    PutBigEndian(out, part.asked_life.value);
    PutRequestIds(out, part.requests);
    PutInstant(out, part.deadline);
    PutInstant(out, part.attempt_deadline);
    PutInstant(out, part.timer);
    PutFlag(out, part.counted);
    PutFlag(out, part.here);
    PutFlag(out, part.pausing);
    PutFlag(out, part.maybe_executed);
  }
  PutVarint(out, order_.size());
  for (const auto& [of, order] : order_) {
    PutVarint(out, of.first.value);
    PutBigEndian(out, of.second.value);
    PutVarint(out, order.queue.size());
    for (const uint64_t ticket : order.queue) PutVarint(out, ticket);
  }
  PutVarint(out, failures_);
}

absl::Status RequestParts::Load(ByteReader& reader) {
  const uint64_t parts = reader.Varint();
  for (uint64_t i = 0; i < parts; ++i) {
    const uint64_t ticket = reader.Varint();
    Part part;
    part.id.pending = reader.Varint();
    part.id.index = reader.Varint();
    part.client.value = reader.Varint();
    QUORATE_ASSIGN_OR_RETURN(part.command, ReadKeyCommand(reader));
    const uint64_t candidates = reader.Varint();
    for (uint64_t j = 0; j < candidates && reader.ok(); ++j) {
      part.candidates.push_back({reader.BigEndian<uint64_t>()});
    }
    part.next_candidate = reader.Varint();
    part.asked.value = reader.BigEndian<uint64_t>();
    part.asked_life.value = reader.BigEndian<uint32_t>();
    part.requests = ReadRequestIds(reader);
    part.deadline = ReadInstant(reader);
    part.attempt_deadline = ReadInstant(reader);
    part.timer = ReadInstant(reader);
    part.counted = ReadFlag(reader);
    part.here = ReadFlag(reader);
    part.pausing = ReadFlag(reader);
    part.maybe_executed = ReadFlag(reader);
    if (!reader.ok()) return DataLoss("shard state: ends inside a part");
    for (const wire::RequestId request : part.requests) asked_.emplace(request, ticket);
    timers_.emplace(part.timer, ticket);
    if (part.counted) ++order_[{part.client, part.command.place}].here;
    parts_.emplace(ticket, std::move(part));
  }
  const uint64_t orders = reader.Varint();
  for (uint64_t i = 0; i < orders && reader.ok(); ++i) {
    const ClientId client{reader.Varint()};
    const Place place{reader.BigEndian<uint64_t>()};
    std::vector<uint64_t>& queue = order_[{client, place}].queue;
    const uint64_t count = reader.Varint();
    for (uint64_t j = 0; j < count && reader.ok(); ++j) queue.push_back(reader.Varint());
    for (const uint64_t ticket : queue) {
      const auto part = parts_.find(ticket);
      if (part == parts_.end() || part->second.client != client ||
          part->second.command.place != place || part->second.counted ||
          std::exchange(part->second.in_order, true)) {
        return DataLoss("shard state: an order of another");
      }
    }
  }
  failures_ = reader.Varint();
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: malformed parts");
}

// --- walks over all keys

void KeyspaceWalks::Save(Bytes& out) const {
  PutVarint(out, walks_.size());
  for (const auto& [id, walk] : walks_) {
    PutVarint(out, id);
    PutVarint(out, walk.client.value);
    PutVarint(out, walk.slot.value);
    PutCommand(out, walk.command);
    PutBigEndian(out, static_cast<uint8_t>(walk.kind));
    PutBlobs(out, walk.args);
    PutBigEndian(out, walk.at.value);
    PutBigEndian(out, walk.began.value);
    PutFlag(out, walk.wrapped);
    PutBlobs(out, walk.keys);
    PutVarint(out, walk.count);
    PutVarint(out, walk.wanted);
    PutVarint(out, walk.steps);
    PutVarint(out, walk.attempts);
    PutBigEndian(out, walk.request.value);
    PutBigEndian(out, walk.asked.value);
    PutInstant(out, walk.timer);
    PutFlag(out, asked_.contains(walk.request));
    PutFlag(out, timers_.contains({walk.timer, id}));
  }
}

absl::Status KeyspaceWalks::Load(ByteReader& reader) {
  const uint64_t walks = reader.Varint();
  for (uint64_t i = 0; i < walks; ++i) {
    const uint64_t id = reader.Varint();
    Walk walk;
    walk.client.value = reader.Varint();
    walk.slot.value = reader.Varint();
    walk.command = ReadCommand(reader);
    const auto kind = reader.BigEndian<uint8_t>();
    walk.kind = static_cast<Kind>(kind);
    walk.args = ReadBlobs(reader);
    walk.at.value = reader.BigEndian<uint64_t>();
    walk.began.value = reader.BigEndian<uint64_t>();
    walk.wrapped = ReadFlag(reader);
    walk.keys = ReadBlobs(reader);
    walk.count = reader.Varint();
    walk.wanted = reader.Varint();
    walk.steps = reader.Varint();
    walk.attempts = reader.Varint();
    walk.request.value = reader.BigEndian<uint64_t>();
    walk.asked.value = reader.BigEndian<uint64_t>();
    walk.timer = ReadInstant(reader);
    const bool asks = ReadFlag(reader);
    const bool has_timer = ReadFlag(reader);
    if (!reader.ok() || walk.command == nullptr || kind > static_cast<uint8_t>(Kind::kFlush) ||
        !commands::ArityFits(*walk.command, walk.args.size())) {
      return DataLoss("shard state: a walk is malformed");
    }
    if (asks) asked_.emplace(walk.request, id);
    if (has_timer) timers_.emplace(walk.timer, id);
    walks_.emplace(id, std::move(walk));
  }
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: malformed walks");
}

// --- the whole

void Frontend::SavePending(const Pending& pending, Bytes& out, bool hides) {
  PutVarint(out, pending.client.value);
  PutVarint(out, pending.slot.value);
  PutCommand(out, pending.command);
  PutArgs(out, pending.args, hides);
  PutVarint(out, pending.keys.first);
  PutVarint(out, pending.keys.end);
  PutVarint(out, pending.keys.step);
  PutVarint(out, pending.tapes.size());
  for (const Bytes& tape : pending.tapes) PutTape(out, tape, hides);
  PutVarint(out, pending.open);
  PutFlag(out, pending.probing);
  PutFlag(out, pending.stepping);
  PutVarint(out, pending.step);
  PutTape(out, pending.memory, hides);
  PutVarint(out, pending.walk);
  PutLevels(out, pending.levels);
}

absl::StatusOr<Frontend::Pending> Frontend::LoadPending(ByteReader& reader) {
  Pending pending;
  pending.client.value = reader.Varint();
  pending.slot.value = reader.Varint();
  pending.command = ReadCommand(reader);
  pending.args = ReadBlobs(reader);
  pending.keys.first = reader.Varint();
  pending.keys.end = reader.Varint();
  pending.keys.step = reader.Varint();
  pending.tapes = ReadBlobs(reader);
  pending.open = reader.Varint();
  pending.probing = ReadFlag(reader);
  pending.stepping = ReadFlag(reader);
  pending.step = reader.Varint();
  pending.memory = reader.Blob();
  pending.walk = reader.Varint();
  pending.levels = ReadLevels(reader);
  if (!reader.ok() || pending.command == nullptr || pending.keys.step == 0 ||
      pending.keys.end > pending.args.size() ||
      !commands::ArityFits(*pending.command, pending.args.size())) {
    return DataLoss("shard state: a request is malformed");
  }
  return pending;
}

void Frontend::Save(Bytes& out, bool hides) const {
  QUORATE_CHECK(requests_.empty() && arguments_.empty() && touched_.empty());
  PutVarint(out, clients_.size());
  for (const auto& [id, client] : clients_) {
    PutVarint(out, id.value);
    PutClient(out, *client);
  }
  PutVarint(out, pending_.size());
  for (const auto& [id, pending] : pending_) {
    PutVarint(out, id);
    SavePending(pending, out, hides);
  }
  parts_.Save(out, hides);
  PutVarint(out, held_.size());
  for (const auto& [client, waiting] : held_) {
    PutVarint(out, client.value);
    PutVarint(out, waiting.size());
    for (const Pending& pending : waiting) SavePending(pending, out, hides);
  }
  walks_.Save(out);
  statistics_.Save(out);
  PutVarint(out, commands_);
}

absl::Status Frontend::Load(ByteReader& reader, const FindSession& find) {
  const uint64_t clients = reader.Varint();
  for (uint64_t i = 0; i < clients && reader.ok(); ++i) {
    const ClientId id{reader.Varint()};
    commands::Client* client = find(id);
    if (client == nullptr || client->id != id) return DataLoss("shard state: a client of nobody");
    ReadClient(reader, *client);
    clients_.emplace(id, client);
  }
  const uint64_t pendings = reader.Varint();
  for (uint64_t i = 0; i < pendings; ++i) {
    const uint64_t id = reader.Varint();
    QUORATE_ASSIGN_OR_RETURN(Pending pending, LoadPending(reader));
    pending_.emplace(id, std::move(pending));
  }
  QUORATE_RETURN_IF_ERROR(parts_.Load(reader));
  const uint64_t held = reader.Varint();
  for (uint64_t i = 0; i < held && reader.ok(); ++i) {
    std::deque<Pending>& waiting = held_[ClientId{reader.Varint()}];
    const uint64_t count = reader.Varint();
    for (uint64_t j = 0; j < count; ++j) {
      QUORATE_ASSIGN_OR_RETURN(Pending pending, LoadPending(reader));
      waiting.push_back(std::move(pending));
      ++held_requests_;
    }
  }
  QUORATE_RETURN_IF_ERROR(walks_.Load(reader));
  statistics_.Load(reader);
  commands_ = reader.Varint();
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: malformed clients");
}

}  // namespace quorate::node
