// SPDX-License-Identifier: Apache-2.0
// Nodes in this process, on loopback, over memory backends that outlive them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/storage/memory_backend.h"
#include "engine/node/node_record.h"
#include "io/net/tcp_transport.h"
#include "io/runtime/node_runtime.h"
#include "tests/engine/topology/specs.h"
#include "tests/io/net/log_recorder.h"

namespace quorate::io {

inline constexpr PoolId kMain{1};

inline topology::Topology ClusterOf(int nodes) {
  topology::TopologySpec spec = topology::MakeSpec(nodes, nodes, static_cast<uint16_t>(nodes));
  for (topology::SeatSpec& seat : spec.seats) {
    seat.address =
        Format("127.0.0.1:%u", seat.node.value);  // the real ones are known once they listen
  }
  spec.pools.front().id = kMain;
  return topology::MakeTopology(std::move(spec));
}

class TestNode {
 public:
  TestNode(const topology::Topology& topology, uint64_t id) : topology_(topology), id_{id} {}

  // What Start would use, to be changed before.
  RuntimeOptions Options() {
    RuntimeOptions options;
    options.topology = &topology_;
    options.storage = &backend;
    options.observer = &log;
    options.node = id_;
    options.shard.record = *node::BeginLife(backend, id_);
    options.shard.seed = id_.value;
    node::PoolOptions pool;
    pool.pool = kMain;
    pool.request_timeout = 2s;
    options.shard.pools.push_back(pool);
    options.listeners.push_back({kMain, {"127.0.0.1:0"}});
    options.peer_address = "127.0.0.1:0";
    return options;
  }
  void Start(RuntimeOptions options) {
    const bool inline_shard = options.inline_shard;
    auto made = NodeRuntime::Create(std::move(options));
    ASSERT_TRUE(made.ok()) << made.status();
    runtime = *std::move(made);
    const absl::Status started = runtime->Start();
    ASSERT_TRUE(started.ok()) << started;
    while (runtime->loading()) {
      if (inline_shard) runtime->Poll(10ms);
      std::this_thread::sleep_for(1ms);
    }
  }
  void Start(uint16_t shards = 1) {
    RuntimeOptions options = Options();
    options.shards = shards;
    Start(std::move(options));
  }
  resp::Reply Run(std::vector<std::string> arguments) {
    CallResult result = runtime->Call(kMain, std::move(arguments)).get();
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : resp::Reply{};
  }
  std::string Text(std::vector<std::string> arguments) {
    return resp::Describe(Run(std::move(arguments)));
  }
  void Stop() {
    const absl::Status stopped = runtime->Stop(5s);
    EXPECT_TRUE(stopped.ok()) << stopped;
    runtime.reset();
  }
  [[nodiscard]] std::string address() const { return runtime->addresses().front().address; }

  storage::MemoryBackend backend;
  LogRecorder log;
  std::unique_ptr<NodeRuntime> runtime;

 private:
  const topology::Topology& topology_;
  const NodeId id_;
};

// Tells every node where the others are.
inline void Introduce(std::vector<std::unique_ptr<TestNode>>& nodes) {
  for (const auto& node : nodes) {
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i] == node || nodes[i]->runtime == nullptr) continue;
      node->runtime->SetPeerAddress(NodeId{i + 1}, nodes[i]->runtime->peer_address());
    }
  }
}

// A Redis client on a blocking socket.
class TestClient {
 public:
  explicit TestClient(const std::string& address) {
    TcpTransport transport(kernel_, {});
    auto socket = transport.Dial(address);
    EXPECT_TRUE(socket.ok()) << socket.status();
    socket_ = *std::move(socket);
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<size_t>(sent));
      } else if (errno == EAGAIN) {
        std::this_thread::sleep_for(1ms);
      } else {
        FAIL() << "send: " << errno;
      }
    }
  }
  void Send(std::initializer_list<std::string_view> command) {
    Bytes bytes;
    resp::EncodeCommand(command, bytes);
    Send(bytes);
  }
  // "(closed)" where the server ended the connection, "(silent)" where nothing comes.
  std::string Receive() {
    const Instant until = NodeRuntime::Now() + 10s;
    std::vector<char> space(1 << 16);
    while (NodeRuntime::Now() < until) {
      auto reply = decoder_.Next();
      if (!reply.ok()) return MessageOf(reply.status());
      if (reply->has_value()) return resp::Describe(**reply);
      const ssize_t size = ::recv(socket_.get(), space.data(), space.size(), 0);
      if (size > 0) {
        decoder_.Feed({space.data(), static_cast<size_t>(size)});
      } else if (size == 0 || errno != EAGAIN) {
        return "(closed)";
      } else {
        std::this_thread::sleep_for(200us);
      }
    }
    return "(silent)";
  }
  std::string Run(std::initializer_list<std::string_view> command) {
    Send(command);
    return Receive();
  }

 private:
  LinuxKernel kernel_;
  FileDescriptor socket_;
  resp::ReplyDecoder decoder_;
};

}  // namespace quorate::io
