// SPDX-License-Identifier: Apache-2.0
// The ladder is frozen: recordings hold its rungs. The numbers are those of the first release of
// recordings.
#include "adapters/recording/ladder.h"

#include <gtest/gtest.h>

#include <string_view>

#include "engine/keyspace/cell.h"

namespace quorate::recording {
namespace {

// Likes of the one before, and replies that only begin like it.
constexpr std::string_view kReplies[] = {
    "+OK\r\n",
    "+OK\r\n",
    "+OKAY\r\n",
    "$5\r\nhello\r\n",
    "$5\r\nhallo\r\n",
    "$0\r\n\r\n",
    "$-1\r\n",
    "$5\r\nh\r\nlo\r\n",
    "$24\r\nlong enough for a digest\r\n",
    "$24\r\nlong enough for a digesu\r\n",
    "*2\r\n$5\r\nhello\r\n$5\r\nhello\r\n",
    "$1\r\na\r\n$1\r\nb\r\n",
    "$2\r\n\r\n\r\n$2\r\n",
    "-ERR value of a client\r\n",
    ":17\r\n",
    "=7\r\ntxt:abc\r\n",
    "$5",
    "$9\r\nhello\r\n",
    "",
};

uint64_t LadderOf(bool hides) {
  Ladder ladder(hides);
  uint64_t slot = 0;
  for (const std::string_view reply : kReplies) ladder.Replied(ClientId{7}, slot++, reply);
  Bytes cells;
  const Version version{HybridTime::FromMs(5), {NodeId{1}, Incarnation{1}, ShardIndex{0}}};
  keyspace::CellWriter(cells).String(version, "long enough for a digest");
  wire::Message message{{NodeId{5}, Incarnation{2}, WallTime{9}}, Incarnation{3}, 4, wire::Ping{}};
  wire::Execute execute;
  execute.args = {"SET", "key", cells};
  for (const wire::Body& body : {wire::Body(wire::Mutate{{}, {}, {}, {}, "key", cells}),
                                 wire::Body(wire::Ping{}), wire::Body(execute)}) {
    message.body = body;
    const wire::Message before = message;
    ladder.Sent({NodeId{1}, env::TargetKind::kNode, {}, 0}, message);
    EXPECT_EQ(message, before);
  }
  return ladder.value();
}

TEST(Ladder, IsFrozen) {
  EXPECT_EQ(LadderOf(true), 10360535055776976555u);
  EXPECT_EQ(LadderOf(false), 4270443343100283176u);
}

}  // namespace
}  // namespace quorate::recording
