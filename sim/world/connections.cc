// SPDX-License-Identifier: Apache-2.0
#include "sim/world/connections.h"

#include <algorithm>
#include <cstring>

#include "absl/container/inlined_vector.h"
#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "sim/core/draw.h"
#include "sim/world/limits.h"

namespace quorate::sim {
namespace {

uint64_t HashOf(uint64_t id) { return Mix(id, kConnectionsSeed); }

// Of what is held by pointer: whether it has the id.
auto Has(uint64_t id) {
  return [id](const auto& connection) { return connection->id == id; };
}

}  // namespace

Connections::Connections(DrawSeed seed, Agenda& agenda, Cluster& cluster)
    : seed_(seed), agenda_(agenda), cluster_(cluster) {}

size_t Connections::OpenAt(NodeIndex node) const {
  size_t open = 0;
  for (const SimShard& shard : cluster_.node(node).shards) open += shard.connections.size();
  return open;
}

Connections::~Connections() = default;

Connections::Connection* Connections::Find(uint64_t id) const {
  const std::unique_ptr<Connection>* const found = connections_.Find(HashOf(id), Has(id));
  return found == nullptr ? nullptr : found->get();
}

void Connections::Erase(uint64_t id) { connections_.Erase(connections_.Find(HashOf(id), Has(id))); }

Connections::Connection* Connections::Of(const SimClient& client) const {
  if (client.id() >= connection_of_client_.size()) return nullptr;
  return Find(connection_of_client_[client.id()]);
}

NodeIndex Connections::NodeOf(const SimClient& client) const {
  const Connection* const connection = Of(client);
  return connection == nullptr ? kNoNode : connection->node;
}

uint64_t Connections::DrawNext(Connection& connection) const {
  return Draw(seed_, Purpose::kClientDelay, connection.id, connection.draws++);
}

SimTime Connections::ArrivalAtNode(Connection& connection) {
  const Duration delay = kClientDelayMin + Exponential(DrawNext(connection), kClientDelayTail);
  connection.last_to_node = std::max(connection.last_to_node, agenda_.now() + delay);
  return connection.last_to_node;
}

SimTime Connections::ArrivalAtClient(Connection& connection, SimTime out) {
  const Duration delay = kClientDelayMin + Exponential(DrawNext(connection), kClientDelayTail);
  connection.last_to_client = std::max(connection.last_to_client, out + delay);
  return connection.last_to_client;
}

// The clients' side.

void Connections::Open(SimClient& client, NodeIndex node) {
  if (connection_of_client_.size() <= client.id()) connection_of_client_.resize(client.id() + 1);
  QUORATE_CHECK(Of(client) == nullptr);
  const uint64_t id = next_id_++;
  connection_of_client_[client.id()] = id;
  auto connection = std::make_unique<Connection>();
  connection->id = id;
  connection->client = &client;
  connection->node = node;
  connection->pool = client.config().pool;
  agenda_.At(ArrivalAtNode(*connection), {.argument = id, .action = Action::kConnect});
  connections_.Add(HashOf(id), std::move(connection));
}

void Connections::Send(SimClient& client, Bytes bytes) {
  Connection* connection = Of(client);
  QUORATE_CHECK(connection != nullptr);
  const uint64_t draw = Draw(seed_, Purpose::kClientCut, connection->id, connection->draws++);
  if (bytes.size() > 1 && Chance(draw, kCutPpm) && Chance(Mix(draw, 1), kCutPacketPpm)) {
    const size_t cut = 1 + static_cast<size_t>(Scale(Mix(draw, 2), bytes.size() - 1));
    SendPiece(*connection, bytes.substr(0, cut));
    bytes.erase(0, cut);
  }
  SendPiece(*connection, std::move(bytes));
}

void Connections::SendPiece(Connection& connection, Bytes bytes) {
  const SimTime arrival = ArrivalAtNode(connection);
  agenda_.At(arrival, {.argument = connection.id,
                       .action = Action::kToNode,
                       .slot = pieces_.Add(std::move(bytes))});
}

void Connections::Close(SimClient& client) {
  Connection* connection = Of(client);
  if (connection == nullptr) return;
  connection_of_client_[client.id()] = 0;
  connection->client = nullptr;
  agenda_.At(ArrivalAtNode(*connection),
             {.argument = connection->id, .action = Action::kCloseAtNode});
}

// What arrives.

bool Connections::Vanishes(Connection& connection) {
  if (!cluster_.IsHalfOpen(connection.node, connection.half_open)) return false;
  connection.half_open = true;
  return true;
}

void Connections::OnConnect(uint64_t id) {
  Connection* connection = Find(id);
  if (connection == nullptr || Vanishes(*connection)) return;
  const SimNode& node = cluster_.node(connection->node);
  if (!node.up) {
    Remove(*connection, agenda_.now());
    return;
  }
  const uint64_t draw = Draw(seed_, Purpose::kClientNode, id);
  connection->shard = static_cast<uint16_t>(Scale(draw, node.shards.size()));
  connection->at_node = true;
  agenda_.Happened(EventKind::kConnectionOpened, connection->node, connection->shard,
                   connection->client == nullptr ? kNoNode.value : connection->client->id(), id);
  ConnectionsOf(connection->node, connection->shard).push_back(id);
  cluster_.AddInput(connection->node, connection->shard,
                    ClientInput{id, ClientInputKind::kOpen, {}});
  agenda_.At(ArrivalAtClient(*connection, agenda_.now()),
             {.argument = id, .action = Action::kOpenedAtClient});
}

void Connections::OnBytesAtNode(uint64_t id, uint32_t slot) {
  Bytes bytes = pieces_.Take(slot);
  Connection* connection = Find(id);
  if (connection == nullptr || !connection->at_node || Vanishes(*connection)) return;
  agenda_.Happened(EventKind::kClientSends, connection->node, connection->shard,
                   connection->client == nullptr ? kNoNode.value : connection->client->id(),
                   hash::Digest(bytes, id));
  cluster_.AddInput(connection->node, connection->shard,
                    ClientInput{id, ClientInputKind::kBytes, std::move(bytes)});
}

void Connections::OnCloseAtNode(uint64_t id) {
  Connection* connection = Find(id);
  if (connection == nullptr) return;
  if (!connection->at_node) {
    Erase(id);
    return;
  }
  // The node keeps it until somebody asks whether the other side is there.
  if (Vanishes(*connection) && cluster_.node(connection->node).faults.Has(FaultKind::kHalfOpen)) {
    agenda_.At(agenda_.now() + kKeepAlive, {.argument = id, .action = Action::kCloseAtNode});
    return;
  }
  agenda_.Happened(EventKind::kConnectionClosed, connection->node, connection->shard, kNoNode.value,
                   id);
  cluster_.AddInput(connection->node, connection->shard,
                    ClientInput{id, ClientInputKind::kClose, {}});
}

void Connections::OnOpenedAtClient(uint64_t id) {
  Connection* connection = Find(id);
  if (connection == nullptr || connection->client == nullptr || Vanishes(*connection)) return;
  connection->client->OnConnected(agenda_.now());
}

void Connections::OnBytesAtClient(uint64_t id, uint32_t slot) {
  const Bytes bytes = pieces_.Take(slot);
  Connection* connection = Find(id);
  if (connection == nullptr || connection->client == nullptr || Vanishes(*connection)) return;
  SimClient& client = *connection->client;
  agenda_.Happened(EventKind::kClientReceives, connection->node, connection->shard, client.id(),
                   hash::Digest(bytes, id));
  client.OnBytes(bytes, agenda_.now());
}

// The connection ended at the node's side.
void Connections::OnClosedAtClient(uint64_t id) {
  Connection* connection = Find(id);
  if (connection == nullptr) return;
  SimClient* client = connection->client;
  if (client != nullptr && Vanishes(*connection)) return;  // it learns by a silence
  const NodeIndex node = connection->node;
  Erase(id);
  if (client == nullptr) return;
  connection_of_client_[client->id()] = 0;
  agenda_.Happened(EventKind::kConnectionClosed, node, 0, client->id(), id);
  client->OnClosed(agenda_.now());
}

// At the node.

void Connections::TakeInput(NodeIndex node, uint16_t shard, ClientInput& input) {
  Connection* connection = Find(input.connection);
  if (connection == nullptr || !connection->at_node) return;
  switch (input.kind) {
    case ClientInputKind::kOpen:
      connection->session =
          std::make_unique<resp::Session>(cluster_.node(node).shards[shard].Port(connection->pool),
                                          ClientId{connection->id}, *this);
      return;
    case ClientInputKind::kBytes:
      connection->unread += input.bytes;
      Feed(*connection);
      return;
    case ClientInputKind::kClose:
      connection->closing = true;
      connection->session->InputClosed();
      return;
  }
}

void Connections::Feed(Connection& connection) {
  if (connection.unread.empty() || connection.closing) return;
  std::string_view bytes = connection.unread;
  const uint64_t draw = Draw(seed_, Purpose::kClientCut, connection.id, connection.draws++);
  if (bytes.size() > 1 && Chance(draw, kCutPpm)) {
    const size_t cut = 1 + static_cast<size_t>(Scale(Mix(draw, 1), bytes.size() - 1));
    FeedPiece(connection, bytes.substr(0, cut));
  }
  FeedPiece(connection, connection.unread);
}

// Takes `bytes`, the beginning of what is unread, as far as the session wants them.
void Connections::FeedPiece(Connection& connection, std::string_view bytes) {
  size_t fed = 0;
  while (fed < bytes.size() && connection.session->WantsInput()) {
    const std::span<char> space = connection.session->InputSpace(bytes.size() - fed);
    const size_t size = std::min(space.size(), bytes.size() - fed);
    std::memcpy(space.data(), bytes.data() + fed, size);
    connection.session->InputFilled(size);
    fed += size;
  }
  connection.unread.erase(0, fed);
}

void Connections::OutputReady(resp::Session& session) {
  Connection* connection = Find(session.id.value);
  if (connection != nullptr) connection->has_output = true;
}

void Connections::AfterTickNeeded(resp::Session& session) {
  Connection* connection = Find(session.id.value);
  if (connection != nullptr) connection->after_tick = true;
}

bool Connections::AfterTick(NodeIndex node, uint16_t shard, SimTime out) {
  const std::vector<uint64_t>& open = ConnectionsOf(node, shard);
  if (open.empty()) return false;
  bool again = false;
  const absl::InlinedVector<uint64_t, kConnectionsUsual> ids(open.begin(), open.end());
  for (const uint64_t id : ids) {
    Connection& connection = *Find(id);
    if (connection.session == nullptr) continue;
    if (std::exchange(connection.after_tick, false)) connection.session->AfterTick();
    if (connection.has_output) Flush(connection, out);
    Feed(connection);
    again = again || connection.after_tick;
    const bool over = connection.closing || connection.session->ShouldClose();
    if (over && !connection.after_tick) Remove(connection, out);
  }
  return again;
}

void Connections::Flush(Connection& connection, SimTime out) {
  connection.has_output = false;
  while (!connection.session->Output().empty()) {
    const std::string_view output = connection.session->Output();
    Bytes bytes(output);
    connection.session->OutputWritten(output.size());
    if (connection.closing) continue;
    const SimTime arrival = ArrivalAtClient(connection, out);
    agenda_.At(arrival, {.argument = connection.id,
                         .action = Action::kToClient,
                         .slot = pieces_.Add(std::move(bytes))});
  }
}

// The node lets go of the connection; the client hears of it.
void Connections::Remove(Connection& connection, SimTime out) {
  connection.session.reset();
  if (connection.at_node) {
    std::erase(ConnectionsOf(connection.node, connection.shard), connection.id);
    connection.at_node = false;
  }
  if (connection.client == nullptr) {
    Erase(connection.id);
    return;
  }
  agenda_.At(ArrivalAtClient(connection, out),
             {.argument = connection.id, .action = Action::kClosedAtClient});
}

commands::Client* Connections::SessionOf(ClientId client) {
  Connection* connection = Find(client.value);
  if (connection == nullptr || connection->session == nullptr) return nullptr;
  resp::Session& session = *connection->session;
  session.state = {};
  session.address.clear();
  session.local_address.clear();
  session.connected_at = {};
  session.requests = 0;
  session.active_at = {};
  session.last_command = nullptr;
  return &session;
}

void Connections::MoveTo(NodeIndex node, uint16_t shard, node::Shard& engine) {
  for (const uint64_t id : ConnectionsOf(node, shard)) {
    Connection& connection = *Find(id);
    if (connection.session != nullptr) connection.session->MoveTo(engine.Port(connection.pool));
  }
}

void Connections::NodeEnded(NodeIndex node) {
  std::vector<uint64_t> ids;
  for (const SimShard& shard : cluster_.node(node).shards) {
    ids.insert(ids.end(), shard.connections.begin(), shard.connections.end());
  }
  std::sort(ids.begin(), ids.end());
  for (const uint64_t id : ids) Remove(*Find(id), agenda_.now());
}

}  // namespace quorate::sim
