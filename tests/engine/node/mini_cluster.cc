// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/node/mini_cluster.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <sstream>

#include "engine/base/check.h"
#include "tests/engine/topology/specs.h"

namespace quorate::node {

class MiniCluster::Caller final : public resp::SessionHost {
 public:
  Caller(RequestPort& port, uint64_t id) : session_(port, ClientId{id}, *this) {}
  void OutputReady(resp::Session&) override {}
  void AfterTickNeeded(resp::Session&) override { after_tick_ = true; }

  void Send(const std::string& bytes) {
    const auto space = session_.InputSpace(bytes.size());
    QUORATE_CHECK(space.size() >= bytes.size());
    std::memcpy(space.data(), bytes.data(), bytes.size());
    session_.InputFilled(bytes.size());
  }
  // Takes some of the bytes off; none when the connection has ended.
  void TakeFrom(std::string_view& bytes) {
    if (!session_.WantsInput()) return;
    const auto space = session_.InputSpace(bytes.size());
    const size_t size = std::min(space.size(), bytes.size());
    bytes.copy(space.data(), size);
    session_.InputFilled(size);
    bytes.remove_prefix(size);
  }
  std::optional<resp::Reply> TakeReply() {
    auto reply = decoder_.Next();
    if (!reply.ok()) CheckFailed(__FILE__, __LINE__, MessageOf(reply.status()).c_str());
    return *std::move(reply);
  }
  void AfterTick() {
    if (std::exchange(after_tick_, false)) session_.AfterTick();
    decoder_.Feed(session_.Output());
    session_.OutputWritten(session_.Output().size());
  }
  [[nodiscard]] resp::Session& session() { return session_; }
  [[nodiscard]] bool closes() const { return session_.ShouldClose(); }
  [[nodiscard]] bool busy() const { return after_tick_; }
  std::string Next() {
    const auto reply = decoder_.Next();
    if (!reply.ok()) return MessageOf(reply.status());
    return reply->has_value() ? Describe(**reply) : "(nothing)";
  }

 private:
  resp::Session session_;
  resp::ReplyDecoder decoder_;
  bool after_tick_ = false;
};

struct MiniCluster::World final : env::Network, env::Storage, env::Observer {
  World(MiniCluster& owner, size_t index) : cluster(owner), node(index) {}
  void Send(const env::Target& target, wire::Message message) override {
    cluster.wire_.emplace_back(target, std::move(message));
  }
  void Commit(env::WriteBatch batch, env::Durability, env::CommitToken token) override {
    const absl::Status status =
        cluster.full.contains(node) ? Unavailable("disk full") : backend().Commit(batch, true);
    done.push_back(env::CommitDone{token, status});
  }
  void Scan(env::ScanRequest request, env::ReadToken token) override {
    done.push_back(env::ScanDone{token, backend().Scan(request)});
  }
  void Log(env::LogLevel, std::string_view) override {}

  [[nodiscard]] storage::MemoryBackend& backend() const { return *cluster.nodes_[node].backend; }

  MiniCluster& cluster;
  size_t node;
  std::deque<env::StorageEvent> done;
  std::unique_ptr<Shard> shard;
};

MiniCluster::MiniCluster(const Options& options) : options_(options) {
  topology::TopologySpec spec = topology::MakeSpec(options.nodes, options.nodes, options.replicas);
  for (uint16_t i = 0; i < options.nodes; ++i) {
    spec.seats[i].data_centre = "dc" + std::to_string(i % options.data_centres);
  }
  topology_ = std::make_unique<topology::Topology>(topology::MakeTopology(std::move(spec)));
  nodes_.resize(options.nodes);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].backend = std::make_unique<storage::MemoryBackend>();
    Start(i);
  }
  RunUntilStill();
}

MiniCluster::Node::Node() = default;
MiniCluster::Node::Node(Node&&) noexcept = default;
MiniCluster::Node::~Node() { caller.reset(); }

MiniCluster::~MiniCluster() = default;

Shard& MiniCluster::shard(size_t node, size_t index) { return *nodes_[node].shards[index]->shard; }

std::unique_ptr<MiniCluster::World> MiniCluster::MakeWorld(size_t index, const NodeRecord& record,
                                                           uint16_t shard) {
  ShardOptions options;
  options.record = record;
  options.shard = ShardIndex{shard};
  options.shards = options_.shards;
  PoolOptions pool;
  pool.read = pool.write = options_.level;
  pool.durability = options_.durability;
  pool.memory_bytes_max = options_.memory_bytes_max;
  pool.eviction = options_.eviction;
  pool.password = options_.password;
  options.pools.push_back(pool);
  options.settings = options_.settings;
  auto world = std::make_unique<World>(*this, index);
  world->shard = std::make_unique<Shard>(options, *topology_, *world, *world, *world);
  return world;
}

void MiniCluster::Start(size_t index) {
  Node& node = nodes_[index];
  const auto record = BeginLife(*node.backend, NodeId{index + 1});
  QUORATE_CHECK(record.ok());
  node.record = *record;
  for (uint16_t i = 0; i < options_.shards; ++i) {
    node.shards.push_back(MakeWorld(index, *record, i));
    Shard& shard = *node.shards.back()->shard;
    shard.BeginTick({now_, WallTime{now_.time_since_epoch().count() / 1000}});
    shard.Start();
    shard.EndTick();
  }
  node.up = true;
}

void MiniCluster::Resume(size_t index, std::string_view saved) {
  Node& node = nodes_[index];
  std::unique_ptr<World> world = MakeWorld(index, node.record, 0);
  const absl::Status loaded = world->shard->Load(saved, [&node](PoolId, ClientId) {
    return node.caller == nullptr ? nullptr : &node.caller->session();
  });
  if (!loaded.ok()) CheckFailed(__FILE__, __LINE__, MessageOf(loaded).c_str());
  if (node.caller != nullptr) node.caller->session().MoveTo(world->shard->Port(PoolId{}));
  node.shards.front() = std::move(world);
}

void MiniCluster::Kill(size_t index) {
  nodes_[index].caller.reset();
  nodes_[index].shards.clear();
  nodes_[index].up = false;
}

void MiniCluster::Stop(size_t index) {
  Node& node = nodes_[index];
  for (const auto& world : node.shards) world->shard->Stop();
  Step();  // notices it
  RunUntilStill();
  bool orderly = true;
  for (const auto& world : node.shards) {
    QUORATE_CHECK(world->shard->stopped());
    orderly = orderly && world->shard->orderly();
  }
  env::WriteBatch last;
  if (orderly) PutCleanShutdown(last, node.record.incarnation);
  QUORATE_CHECK(node.backend->Commit(last, true).ok());
  Kill(index);
}

void MiniCluster::BeginRestart(size_t index) {
  if (nodes_[index].up) Kill(index);
  Start(index);
}

void MiniCluster::Restart(size_t index) {
  BeginRestart(index);
  RunUntilStill();
}

MiniCluster::Caller& MiniCluster::Connect(size_t index) {
  Node& node = nodes_[index];
  if (node.caller == nullptr) {
    node.caller = std::make_unique<Caller>(node.shards[0]->shard->Port(PoolId{}), ++node.clients);
  }
  return *node.caller;
}

bool MiniCluster::ClosesClient(size_t node) { return Connect(node).closes(); }

void MiniCluster::Reconnect(size_t node) { nodes_[node].caller.reset(); }

std::string MiniCluster::NextReply(size_t node) { return Connect(node).Next(); }

std::string MiniCluster::Call(size_t node, const std::string& command) {
  std::istringstream words(command);
  std::vector<std::string> owned;
  for (std::string word; words >> word;) owned.push_back(word);
  const std::vector<std::string_view> args(owned.begin(), owned.end());
  Bytes bytes;
  resp::EncodeCommand(args, bytes);
  Caller& caller = Connect(node);
  caller.Send(bytes);
  RunUntilStill();
  return caller.Next();
}

std::vector<std::string> MiniCluster::Converse(size_t node, std::string_view bytes) {
  std::vector<std::string> replies;
  Caller& caller = Connect(node);
  while (!bytes.empty()) {
    const size_t before = bytes.size();
    caller.TakeFrom(bytes);
    RunUntilStill();
    while (const auto reply = caller.TakeReply()) replies.push_back(Describe(*reply));
    if (bytes.size() == before) break;
  }
  return replies;
}

void MiniCluster::Release() {
  released_.swap(waiting_);
  RunUntilStill();
}

void MiniCluster::Deliver(size_t node, const wire::Message& message) {
  shard(node).BeginTick({now_, WallTime{1000}});
  shard(node).Deliver(message);
  shard(node).EndTick();
}

void MiniCluster::RunUntilStill() {
  for (int steps = 0; Step(); ++steps) QUORATE_CHECK(steps < 100'000);
}

bool MiniCluster::Step() {
  std::deque<std::pair<env::Target, wire::Message>> arriving;
  arriving.swap(released_);
  for (auto& sent : wire_) {
    const bool waits = held.contains(sent.first.node.value - 1);
    (waits ? waiting_ : arriving).push_back(std::move(sent));
  }
  wire_.clear();
  bool active = !arriving.empty();
  const Clocks clocks{now_, WallTime{now_.time_since_epoch().count() / 1000}};
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    for (size_t j = 0; j < node.shards.size(); ++j) {
      World& world = *node.shards[j];
      world.shard->BeginTick(clocks);
      for (const auto& [target, message] : arriving) {
        const size_t shard = target.kind == env::TargetKind::kPartition
                                 ? target.value % options_.shards
                             : target.kind == env::TargetKind::kRequester ? target.value >> 48
                                                                          : 0;
        if (target.node == NodeId{i + 1} && shard == j) world.shard->Deliver(message);
      }
      std::deque<env::StorageEvent> done;
      done.swap(world.done);
      active = active || !done.empty() || world.shard->NextDeadline() <= now_;
      for (env::StorageEvent& event : done) world.shard->OnStorage(std::move(event));
      world.shard->EndTick();
      if (j == 0 && node.caller != nullptr) {
        active = active || node.caller->busy();
        node.caller->AfterTick();
      }
      active = active || !world.done.empty();
    }
  }
  return active || !wire_.empty();
}

uint64_t MiniCluster::DigestOf(size_t node) const {
  uint64_t sum = 0;
  for (const auto& world : nodes_[node].shards) sum += world->shard->digest(PoolId{});
  return sum;
}

}  // namespace quorate::node
