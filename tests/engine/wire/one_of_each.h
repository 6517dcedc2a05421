// SPDX-License-Identifier: Apache-2.0
// A frame with a message of each kind.
#pragma once

#include <utility>
#include <vector>

#include "engine/wire/frame.h"

namespace quorate::wire {

inline Message Signed(Body body) {
  Message message;
  message.sender = {NodeId{7}, Incarnation{3}, WallTime{1'700'000'000'000}};
  message.requester = Incarnation{9};
  message.trace = 11;
  message.body = std::move(body);
  return message;
}

inline FrameHeader Header() { return {ClusterTag("test"), Epoch{4}, Signed(Ping{}).sender}; }

inline std::vector<Envelope> OneOfEach() {
  const Version version{HybridTime::FromBits(55), {NodeId{1}, Incarnation{2}, ShardIndex{3}}};
  const std::vector<Body> bodies = {
      Execute{RequestId{1},
              PoolId{2},
              Epoch{3},
              Place{4},
              HybridTime::FromBits(5),
              topology::Consistency::kAll,
              topology::Consistency::kOne,
              {"SET", "k", "v"},
              Incarnation{6},
              HybridTime::FromBits(7)},
      ExecuteReply{RequestId{1}, Outcome::kFailed, Epoch{3}, "tape"},
      Read{RequestId{1}, PoolId{2}, Epoch{3}, Place{4}, Bytes("k\0x", 3), true},
      ReadReply{RequestId{1}, Outcome::kDone, Epoch{3}, 77, true, "state"},
      Mutate{RequestId{1}, PoolId{2}, Epoch{3}, Place{4}, "key", "cells"},
      MutateReply{RequestId{1}, Outcome::kNotOwner, Epoch{3}, version},
      Keyspace{RequestId{1}, PoolId{2}, Epoch{3}, Place{4}, {"SCAN", "0"}},
      KeyspaceReply{RequestId{1}, Outcome::kDone, Epoch{3}, true, Place{8}, 5, "keys"},
      Ping{RequestId{1}},
      Pong{RequestId{1}},
      EpochNotice{Epoch{5}, 6, 7, 1, "topology"},
      Settings{{{"name", "value"}}},
  };
  std::vector<Envelope> envelopes;
  envelopes.reserve(bodies.size());
  for (const Body& body : bodies) {
    envelopes.push_back({{NodeId{}, env::TargetKind::kPartition, PoolId{2}, 200}, Signed(body)});
  }
  return envelopes;
}

}  // namespace quorate::wire
