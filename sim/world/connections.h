// SPDX-License-Identifier: Apache-2.0
// The connections between clients and nodes: bytes travel in order, in pieces, and take their time;
// at the node each connection is a session of the very protocol code that production uses.
//
// Clients are never cut off from the node they speak to by the faults of the network between nodes;
// they notice crashes as lost connections and pauses as silence.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "adapters/resp/session.h"
#include "engine/base/probe_table.h"
#include "sim/client/sim_client.h"
#include "sim/core/draw_epochs.h"
#include "sim/core/slab.h"
#include "sim/world/cluster.h"
#include "sim/world/limits.h"

namespace quorate::sim {

class Connections final : public TickClients, public resp::SessionHost {
 public:
  // All outlive this.
  Connections(DrawSeed seed, Agenda& agenda, Cluster& cluster);
  ~Connections() override;

  // The clients' side. A client has at most one connection at a time.
  void Open(SimClient& client, NodeIndex node);
  void Send(SimClient& client, Bytes bytes);
  void Close(SimClient& client);
  // The node of the client's connection.
  [[nodiscard]] NodeIndex NodeOf(const SimClient& client) const;

  // Actions.
  void OnConnect(uint64_t connection);
  void OnBytesAtNode(uint64_t connection, uint32_t slot);
  void OnCloseAtNode(uint64_t connection);
  void OnOpenedAtClient(uint64_t connection);
  void OnBytesAtClient(uint64_t connection, uint32_t slot);
  void OnClosedAtClient(uint64_t connection);

  // For the cluster.
  void TakeInput(NodeIndex node, uint16_t shard, ClientInput& input) override;
  bool AfterTick(NodeIndex node, uint16_t shard, SimTime out) override;
  void NodeEnded(NodeIndex node) override;
  commands::Client* SessionOf(ClientId client) override;
  void MoveTo(NodeIndex node, uint16_t shard, node::Shard& engine) override;

  // For sessions.
  void OutputReady(resp::Session& session) override;
  void AfterTickNeeded(resp::Session& session) override;

  [[nodiscard]] size_t open() const { return connections_.size(); }
  // Of those the node knows of.
  [[nodiscard]] size_t OpenAt(NodeIndex node) const;
  [[nodiscard]] size_t bytes_in_flight() const { return pieces_.used(); }

 private:
  struct Connection {
    uint64_t id = 0;
    SimClient* client = nullptr;  // null once the client has let go of it
    NodeIndex node = kNoNode;
    uint16_t shard = 0;
    PoolId pool;
    bool half_open = false;   // nothing that is sent on it arrives any more
    bool at_node = false;     // the node knows of it
    bool closing = false;     // the session goes as soon as it can
    bool after_tick = false;  // the session asked for it
    bool has_output = false;
    std::unique_ptr<resp::Session> session;
    Bytes unread;  // came, while the session wanted no input
    SimTime last_to_node;
    SimTime last_to_client;
    uint64_t draws = 0;
  };
  // Null where there is none.
  [[nodiscard]] Connection* Find(uint64_t id) const;
  void Erase(uint64_t id);
  [[nodiscard]] std::vector<uint64_t>& ConnectionsOf(NodeIndex node, uint16_t shard) {
    return cluster_.node(node).shards[shard].connections;
  }
  // Null where the client has none.
  [[nodiscard]] Connection* Of(const SimClient& client) const;
  SimTime ArrivalAtNode(Connection& connection);
  SimTime ArrivalAtClient(Connection& connection, SimTime out);
  [[nodiscard]] uint64_t DrawNext(Connection& connection) const;
  // Whether what arrives on it is lost on its last bit of way, and all that follows.
  bool Vanishes(Connection& connection);
  void SendPiece(Connection& connection, Bytes bytes);
  void Feed(Connection& connection);
  void FeedPiece(Connection& connection, std::string_view bytes);
  void Flush(Connection& connection, SimTime out);
  void Remove(Connection& connection, SimTime out);

  const DrawSeed seed_;
  Agenda& agenda_;
  Cluster& cluster_;
  uint64_t next_id_ = 1;
  ProbeTable<std::unique_ptr<Connection>> connections_;
  std::vector<uint64_t> connection_of_client_;  // 0: none
  Slab<Bytes> pieces_;
};

}  // namespace quorate::sim
