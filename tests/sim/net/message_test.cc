// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "sim/net/codec_check.h"
#include "sim/net/message_hash.h"

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

wire::Mutate SampleMutate() {
  return {wire::RequestId{1}, PoolId{0}, Epoch{1}, Place{77}, "key", "cells"};
}

TEST(MessageHash, TellsFieldsAndKindsApart) {
  std::set<uint64_t> hashes;
  std::vector<wire::Message> messages = {Make(SampleRead()), Make(SampleMutate()),
                                         Make(wire::Ping{}), Make(wire::Pong{})};
  wire::Read other = SampleRead();
  other.key = "kez";
  messages.push_back(Make(other));
  wire::Mutate moved = SampleMutate();
  moved.key = "keyc";
  moved.cells = "ells";
  messages.push_back(Make(moved));
  messages.push_back(Make(SampleRead()));
  messages.back().sender.incarnation = Incarnation{4};
  for (const wire::Message& message : messages) hashes.insert(HashOf(message));
  EXPECT_EQ(hashes.size(), messages.size());
  EXPECT_EQ(HashOf(Make(SampleRead())), HashOf(Make(SampleRead())));
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
