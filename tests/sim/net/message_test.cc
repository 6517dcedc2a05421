// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/net/codec_check.h"

namespace quorate::sim {
namespace {

wire::Message Make(wire::Body body) {
  wire::Message message;
  message.sender = {NodeId{5}, Incarnation{2}, WallTime{1000}};
  message.requester = Incarnation{3};
  message.trace = 9;
  message.body = std::move(body);
  return message;
}

wire::Read SampleRead() {
  return {wire::RequestId{1}, PoolId{0}, Epoch{1}, Place{77}, "key", true};
}

TEST(CodecCheck, PassesWhatTheWireKeeps) {
  CodecCheck check(wire::ClusterTag("simulated"), Epoch{1});
  const env::Target target{NodeId{6}, env::TargetKind::kPartition, PoolId{0}, 12};
  EXPECT_EQ(check.Check({target, Make(SampleRead())}), "");
  EXPECT_EQ(check.Check({target, Make(wire::Ping{wire::RequestId{4}})}), "");
  EXPECT_EQ(check.checked(), 2u);
}

}  // namespace
}  // namespace quorate::sim
