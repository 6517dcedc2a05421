// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/message_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace quorate::wire {
namespace {

Message Make(Body body) {
  Message message;
  message.sender = {NodeId{5}, Incarnation{2}, WallTime{1000}};
  message.requester = Incarnation{3};
  message.trace = 9;
  message.body = std::move(body);
  return message;
}

Read SampleRead() { return {RequestId{1}, PoolId{0}, Epoch{1}, Place{77}, "key", true}; }

Mutate SampleMutate() { return {RequestId{1}, PoolId{0}, Epoch{1}, Place{77}, "key", "cells"}; }

TEST(MessageHash, TellsFieldsAndKindsApart) {
  std::set<uint64_t> hashes;
  std::vector<Message> messages = {Make(SampleRead()), Make(SampleMutate()), Make(Ping{}),
                                   Make(Pong{})};
  Read other = SampleRead();
  other.key = "kez";
  messages.push_back(Make(other));
  Mutate moved = SampleMutate();
  moved.key = "keyc";
  moved.cells = "ells";
  messages.push_back(Make(moved));
  messages.push_back(Make(SampleRead()));
  messages.back().sender.incarnation = Incarnation{4};
  for (const Message& message : messages) hashes.insert(HashOf(message));
  EXPECT_EQ(hashes.size(), messages.size());
  EXPECT_EQ(HashOf(Make(SampleRead())), HashOf(Make(SampleRead())));
}

}  // namespace
}  // namespace quorate::wire
