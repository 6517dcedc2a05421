// SPDX-License-Identifier: Apache-2.0
// Two nodes and the link from one to the other, driven by hand in one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/net/peer_link.h"
#include "io/net/peer_server.h"
#include "io/net/tcp_transport.h"
#include "tests/engine/topology/specs.h"
#include "tests/io/net/log_recorder.h"

namespace quorate::io {

inline constexpr NodeId kNodeA{0xa};
inline constexpr NodeId kNodeB{0xb};

inline topology::Topology TwoNodes(std::string_view cluster) {
  topology::TopologySpec spec = topology::MakeSpec(2, 2, 2);
  spec.cluster = std::string(cluster);
  spec.seats[0].node = kNodeA;
  spec.seats[1].node = kNodeB;
  spec.pools.front().id = PoolId{1};
  return topology::MakeTopology(std::move(spec));
}

class LinkPair {
 public:
  // Transports are lent; node A sends, node B receives.
  LinkPair(Transport& from, Transport& to, const std::string& cluster = "test")
      : topology(TwoNodes(cluster)),
        link({*reactor, from, addresses, log, sender, now, 7, size_t{1} << 20}, kNodeB),
        server(*reactor, log, topology, kNodeB, receiver, now,
               [this](wire::Frame frame) { frames.push_back(std::move(frame)); }) {
    header.cluster = wire::ClusterTag("test");
    header.sender.node = kNodeA;
    auto listening = to.Listen("127.0.0.1:0", false, true);
    address = listening->address;
    addresses.Set(kNodeB, address);
    static_cast<void>(server.Listen(*std::move(listening), to));
  }

  void Send(size_t bytes = 0) {
    link.Send({kNodeB, env::TargetKind::kNode, PoolId{1}, 0},
              {header.sender, Incarnation{1}, 0,
               wire::Mutate{wire::RequestId{++sent}, PoolId{1}, Epoch{1}, Place{}, "key",
                            std::string(bytes, 'x')}});
  }
  void Tick() {
    reactor->Wait(Duration(2ms));
    now += 2ms;
    server.ReadWaiting();
    reactor->Dispatch();
    server.DestroyClosed();
    link.OnTime();
    link.EndTick(header);
  }
  [[nodiscard]] size_t messages() const {
    size_t count = 0;
    for (const wire::Frame& frame : frames) count += frame.envelopes.size();
    return count;
  }
  template <typename Condition>
  bool TickUntil(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) Tick();
    return condition();
  }

  LinuxKernel kernel;
  std::unique_ptr<Reactor> reactor = *Reactor::Create(kernel);
  LogRecorder log;
  PeerAddresses addresses;
  LinkCounters sender;
  LinkCounters receiver;
  Instant now{100s};
  topology::Topology topology;
  wire::FrameHeader header;
  std::string address;
  std::vector<wire::Frame> frames;
  uint64_t sent = 0;
  PeerLink link;
  PeerServer server;
};

}  // namespace quorate::io
