// SPDX-License-Identifier: Apache-2.0
// The smallest world: shards of a few nodes in one thread, messages delivered in order of sending,
// commits done in the tick after, time moved by hand. For tests of what a shard does; faults are
// the simulator's.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/session.h"
#include "adapters/storage/memory_backend.h"
#include "engine/node/shard.h"

namespace quorate::node {

class MiniCluster {
 public:
  struct Options {
    uint16_t nodes = 1;
    uint16_t replicas = 1;      // in each data centre
    uint16_t data_centres = 1;  // nodes sit in them by turns
    uint16_t shards = 1;
    topology::Consistency level = topology::Consistency::kQuorum;
    env::Durability durability = env::Durability::kAlways;
    size_t memory_bytes_max = 0;
    Eviction eviction = Eviction::kNone;
    std::string password;
    std::vector<std::pair<std::string, std::string>> settings;  // see ShardOptions::settings
  };
  // Three nodes with a replica each.
  static Options Three() {
    Options options;
    options.nodes = 3;
    options.replicas = 3;
    return options;
  }

  explicit MiniCluster(const Options& options);
  ~MiniCluster();

  // The printable reply to a command on the first client of a node.
  std::string Call(size_t node, const std::string& command);
  // The printable replies to bytes that may be anything. What follows the end of the connection is
  // not taken.
  std::vector<std::string> Converse(size_t node, std::string_view bytes);
  // The next reply to that client, to a command whose Call came back with "(nothing)".
  std::string NextReply(size_t node);
  bool ClosesClient(size_t node);
  void Reconnect(size_t node);

  // A message of somebody else, in a tick of its own.
  void Deliver(size_t node, const wire::Message& message);
  void RunUntilStill();
  void Pass(Duration time) { now_ += time; }
  // The node's process dies: what was committed stays. Restart begins a new life.
  void Kill(size_t node);
  void Restart(size_t node);
  // The same, but the new life has yet to load its rows, which RunUntilStill lets it do.
  void BeginRestart(size_t node);
  // An orderly end of the node's process.
  void Stop(size_t node);
  // One tick of every shard. False if there was nothing to do.
  bool Step();
  // A new shard goes on from what Save gave, in the same life.
  void Resume(size_t node, std::string_view saved);
  Shard& shard(size_t node, size_t index = 0);
  [[nodiscard]] uint64_t DigestOf(size_t node) const;

  // What is sent to a held node waits until it is released; what comes after that waits again.
  void Release();

  std::set<size_t> full;  // nodes whose disk is
  std::set<size_t> held;
  Instant now_{1s};

 private:
  class Caller;
  struct World;
  struct Node {
    Node();
    Node(Node&&) noexcept;
    ~Node();
    std::unique_ptr<storage::MemoryBackend> backend;
    NodeRecord record;
    std::vector<std::unique_ptr<World>> shards;
    std::unique_ptr<Caller> caller;  // of shard 0
    uint64_t clients = 0;            // so far
    bool up = false;
  };
  void Start(size_t node);
  std::unique_ptr<World> MakeWorld(size_t node, const NodeRecord& record, uint16_t shard);
  Caller& Connect(size_t node);

  Options options_;
  std::unique_ptr<topology::Topology> topology_;
  std::vector<Node> nodes_;
  std::deque<std::pair<env::Target, wire::Message>> wire_;
  std::deque<std::pair<env::Target, wire::Message>> waiting_;  // of held nodes
  std::deque<std::pair<env::Target, wire::Message>> released_;
};

}  // namespace quorate::node
