// SPDX-License-Identifier: Apache-2.0
// Three nodes in one process, each with its own sockets and its own memory: a pool of three copies
// that goes on while one node is away. In earnest the three run on three machines, with the same
// seats in their settings.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <quorate/server.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

using Node = std::unique_ptr<quorate::Server>;

void Expect(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "not as expected: %s\n", what.c_str());
  std::exit(EXIT_FAILURE);
}

// Peers must know each other's ports beforehand. The example takes free ones, of those that the
// kernel gives to nobody who asks for any.
std::vector<std::string> FreeAddresses(size_t count) {
  std::vector<std::string> addresses;
  for (int port = 10'000 + ::getpid() % 20'000; addresses.size() < count; ++port) {
    Expect(port < 32'000, "free ports");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      addresses.push_back("127.0.0.1:" + std::to_string(port));
    }
    ::close(socket);
  }
  return addresses;
}

Node StartNode(size_t index, const std::vector<std::string>& addresses) {
  quorate::Server::Builder builder;
  builder.Cluster("example").Set("storage.engine", "memory").LogTo([](std::string_view) {});
  for (size_t i = 0; i < addresses.size(); ++i) {
    quorate::Seat seat;
    seat.name = "node" + std::to_string(i);
    seat.address = addresses[i];
    seat.rack = "rack" + std::to_string(i);  // copies go to different racks
    builder.AddSeat(seat);
  }
  builder.OwnSeat("node" + std::to_string(index));
  quorate::PoolSettings pool;
  pool.name = "main";
  pool.listen = "127.0.0.1:0";
  pool.durability = "none";  // nothing here is on a disk
  pool.read_consistency = "QUORUM";
  pool.write_consistency = "QUORUM";
  auto started = builder.Pool(pool).Start();
  Expect(started.ok(), started.status().ToString());
  return *std::move(started);
}

// Nodes need a moment to find each other; until then a quorum is not there.
quorate::Reply CallUntilItWorks(quorate::Server& node, const std::vector<std::string>& command) {
  quorate::Reply reply;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto result = node.Call(command).get();
    Expect(result.ok(), result.status().ToString());
    reply = *result;
    if (!reply.IsError()) return reply;
    std::this_thread::sleep_for(100ms);
  }
  Expect(false, command[0] + ": " + quorate::ToString(reply));
  return reply;
}

}  // namespace

int main() {
  const std::vector<std::string> addresses = FreeAddresses(3);
  std::array<Node, 3> nodes;
  for (size_t i = 0; i < nodes.size(); ++i) nodes[i] = StartNode(i, addresses);
  for (const Node& node : nodes) Expect(node->WaitReady(10s).ok(), "every node is ready");

  // A write at QUORUM through one node is seen by a read at QUORUM through any other.
  CallUntilItWorks(*nodes[0], {"SET", "greeting", "hello"});
  for (const Node& node : nodes) {
    const quorate::Reply found = CallUntilItWorks(*node, {"GET", "greeting"});
    Expect(found.text == "hello", "each node finds the greeting");
  }

  // Two of three are a quorum.
  Expect(nodes[2]->Shutdown(10s).ok(), "an orderly end");
  CallUntilItWorks(*nodes[0], {"SET", "greeting", "still here"});
  const quorate::Reply found = CallUntilItWorks(*nodes[1], {"GET", "greeting"});
  Expect(found.text == "still here", "the pool goes on without one node");
  std::printf("without the third node greeting is %s\n", quorate::ToString(found).c_str());

  Expect(nodes[0]->Shutdown(10s).ok(), "an orderly end");
  Expect(nodes[1]->Shutdown(10s).ok(), "an orderly end");
  return EXIT_SUCCESS;
}
