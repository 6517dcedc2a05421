// SPDX-License-Identifier: Apache-2.0
// The writer's bytes, and the client's reading of them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/reply_writer.h"
#include "engine/base/random.h"

namespace quorate::resp {
namespace {

std::string Written(uint8_t protocol, const std::function<void(commands::ReplySink&)>& write) {
  Bytes bytes;
  Bytes error;
  ReplyWriter writer(protocol, error);
  writer.SetOutput(bytes);
  write(writer);
  return bytes;
}

TEST(ReplyWriter, WritesEveryElementInBothProtocols) {
  struct Case {
    std::function<void(commands::ReplySink&)> write;
    std::string resp2;
    std::string resp3;
  };
  const std::vector<Case> cases = {
      {[](auto& sink) { sink.Simple("OK"); }, "+OK\r\n", "+OK\r\n"},
      {[](auto& sink) { sink.Error("ERR a\r\nb"); }, "-ERR a  b\r\n", "-ERR a  b\r\n"},
      {[](auto& sink) { sink.Integer(0); }, ":0\r\n", ":0\r\n"},
      {[](auto& sink) { sink.Integer(-12); }, ":-12\r\n", ":-12\r\n"},
      {[](auto& sink) { sink.Integer(std::numeric_limits<int64_t>::min()); },
       ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"},
      {[](auto& sink) { sink.Bulk("a\r\nb"); }, "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"},
      {[](auto& sink) { sink.Bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
      {[](auto& sink) { sink.Null(); }, "$-1\r\n", "_\r\n"},
      {[](auto& sink) { sink.NullArray(); }, "*-1\r\n", "_\r\n"},
      {[](auto& sink) { sink.Bool(true); }, ":1\r\n", "#t\r\n"},
      {[](auto& sink) { sink.Bool(false); }, ":0\r\n", "#f\r\n"},
      {[](auto& sink) { sink.Verbatim("x"); }, "$1\r\nx\r\n", "=5\r\ntxt:x\r\n"},
      {[](auto& sink) { sink.Array(12); }, "*12\r\n", "*12\r\n"},
      {[](auto& sink) { sink.Map(2); }, "*4\r\n", "%2\r\n"},
      {[](auto& sink) { sink.Set(2); }, "*2\r\n", "~2\r\n"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(Written(2, test.write), test.resp2);
    EXPECT_EQ(Written(3, test.write), test.resp3);
  }
}

TEST(ReplyWriter, PrintsDoublesAsRedisDoes) {
  const std::vector<std::pair<double, std::string>> cases = {
      {0.0, "0"},
      {-0.0, "-0"},
      {3.0, "3"},
      {0.1, "0.10000000000000001"},
      {3.141, "3.141"},
      {1e17, "1e+17"},
      {1e16, "10000000000000000"},
      {-1.5e-7, "-1.4999999999999999e-07"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {std::numeric_limits<double>::denorm_min(), "4.9406564584124654e-324"},
      {std::numeric_limits<double>::infinity(), "inf"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
      {std::numeric_limits<double>::quiet_NaN(), "nan"},
      {-std::numeric_limits<double>::quiet_NaN(), "nan"},
  };
  for (const auto& [value, text] : cases) {
    const auto write = [&value](commands::ReplySink& sink) { sink.Double(value); };
    EXPECT_EQ(Written(3, write), "," + text + "\r\n");
    EXPECT_EQ(Written(2, write), "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n");
  }
}

// Replies of every kind and shape, as the sink is told them.
class ReplyMaker {
 public:
  explicit ReplyMaker(uint64_t seed) : prng_(seed) {}

  Reply Make(int depth) {
    static constexpr ReplyKind kLeaves[] = {
        ReplyKind::kSimple, ReplyKind::kError, ReplyKind::kBulk,    ReplyKind::kVerbatim,
        ReplyKind::kNull,   ReplyKind::kBool,  ReplyKind::kInteger, ReplyKind::kNullArray};
    static constexpr ReplyKind kAggregates[] = {ReplyKind::kArray, ReplyKind::kMap,
                                                ReplyKind::kSet};
    Reply reply;
    if (depth > 0 && prng_.Chance(1, 3)) {
      reply.kind = kAggregates[prng_.Below(std::size(kAggregates))];
      const uint64_t size = prng_.Below(5) * (reply.kind == ReplyKind::kMap ? 2 : 1);
      for (uint64_t i = 0; i < size; ++i) reply.elements.push_back(Make(depth - 1));
      return reply;
    }
    reply.kind = kLeaves[prng_.Below(std::size(kLeaves))];
    if (reply.kind == ReplyKind::kInteger) {
      reply.integer = static_cast<int64_t>(prng_.Next() >> prng_.Below(64));
    }
    if (reply.kind == ReplyKind::kBool) reply.integer = prng_.Chance(1, 2) ? 1 : 0;
    if (reply.kind == ReplyKind::kSimple || reply.kind == ReplyKind::kError) Fill(reply, ' ', '~');
    if (reply.kind == ReplyKind::kBulk || reply.kind == ReplyKind::kVerbatim) Fill(reply, 0, 255);
    return reply;
  }

 private:
  void Fill(Reply& reply, uint64_t low, uint64_t high) {
    reply.text.resize(prng_.Below(40));
    for (char& byte : reply.text) byte = static_cast<char>(prng_.Between(low, high));
  }
  Prng prng_;
};

void Tell(const Reply& reply, commands::ReplySink& sink) {
  switch (reply.kind) {
    case ReplyKind::kSimple:
      return sink.Simple(reply.text);
    case ReplyKind::kError:
      return sink.Error(reply.text);
    case ReplyKind::kInteger:
      return sink.Integer(reply.integer);
    case ReplyKind::kBulk:
      return sink.Bulk(reply.text);
    case ReplyKind::kNull:
      return sink.Null();
    case ReplyKind::kNullArray:
      return sink.NullArray();
    case ReplyKind::kBool:
      return sink.Bool(reply.integer != 0);
    case ReplyKind::kVerbatim:
      return sink.Verbatim(reply.text);
    case ReplyKind::kMap:
      sink.Map(reply.elements.size() / 2);
      break;
    case ReplyKind::kSet:
      sink.Set(reply.elements.size());
      break;
    default:
      sink.Array(reply.elements.size());
      break;
  }
  for (const Reply& element : reply.elements) Tell(element, sink);
}

// What is left of a reply in a protocol that cannot say all of it.
Reply AsSeen(uint8_t protocol, Reply reply) {
  if (protocol == 3) {
    if (reply.kind == ReplyKind::kNullArray) reply.kind = ReplyKind::kNull;
  } else {
    if (reply.kind == ReplyKind::kMap || reply.kind == ReplyKind::kSet) {
      reply.kind = ReplyKind::kArray;
    }
    if (reply.kind == ReplyKind::kVerbatim) reply.kind = ReplyKind::kBulk;
    if (reply.kind == ReplyKind::kBool) reply.kind = ReplyKind::kInteger;
  }
  for (Reply& element : reply.elements) element = AsSeen(protocol, element);
  return reply;
}

std::vector<Reply> Decode(std::string_view bytes, size_t piece) {
  std::vector<Reply> replies;
  ReplyDecoder decoder;
  while (!bytes.empty()) {
    decoder.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (true) {
      absl::StatusOr<std::optional<Reply>> reply = decoder.Next();
      EXPECT_TRUE(reply.ok());
      if (!reply.ok() || !*reply) break;
      replies.push_back(std::move(**reply));
    }
  }
  return replies;
}

RC_GTEST_PROP(ReplyDecoder, ReadsWhatTheWriterWrote, (uint64_t seed)) {
  ReplyMaker maker(seed);
  std::vector<Reply> replies(*rc::gen::inRange<size_t>(0, 20));
  for (Reply& reply : replies) reply = maker.Make(4);
  const auto protocol = *rc::gen::element<uint8_t>(2, 3);
  const auto piece = *rc::gen::inRange<size_t>(1, 64);
  const std::string bytes = Written(protocol, [&](commands::ReplySink& sink) {
    for (const Reply& reply : replies) Tell(reply, sink);
  });
  std::vector<Reply> expected;
  for (const Reply& reply : replies) expected.push_back(AsSeen(protocol, reply));
  RC_ASSERT(Decode(bytes, piece) == expected);
}

TEST(ReplyDecoder, ReadsWhatOnlyOtherServersSend) {
  const std::string bytes =
      "|1\r\n+ttl\r\n:3\r\n>2\r\n+message\r\n$1\r\nx\r\n(12345678901234567890\r\n!5\r\nERR x\r\n"
      ",inf\r\n*2\r\n|1\r\n+a\r\n*0\r\n:1\r\n:2\r\n|0\r\n+end\r\n";
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    std::string text;
    for (const Reply& reply : Decode(bytes, piece)) text += Describe(reply) + ";";
    EXPECT_EQ(text, "[+message, \"x\"];12345678901234567890;-ERR x;inf;[1, 2];+end;");
  }
}

TEST(ReplyDecoder, RefusesWhatIsNoReply) {
  for (const std::string_view bytes :
       {"hello\r\n", "\r\n", ":x\r\n", ":\r\n", "$-2\r\n", "$x\r\n", "*-3\r\n", "#x\r\n", "_x\r\n",
        "$1\r\nabc\r\n", "=2\r\nab\r\n", "$99999999999\r\n", "*99999999999\r\n"}) {
    ReplyDecoder decoder;
    decoder.Feed(bytes);
    EXPECT_FALSE(decoder.Next().ok()) << bytes;
    decoder.Feed("+OK\r\n");
    EXPECT_FALSE(decoder.Next().ok()) << "an error is for good";
  }
}

TEST(ReplyDecoder, BoundsDepth) {
  std::string deep;
  for (int i = 0; i < 31; ++i) deep += "*1\r\n";
  ReplyDecoder decoder;
  decoder.Feed(deep + ":1\r\n");
  EXPECT_TRUE(decoder.Next()->has_value());
  decoder.Feed(deep + "*1\r\n*1\r\n:1\r\n");
  EXPECT_EQ(decoder.Next().status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(EncodeCommand, WritesAnArrayOfBulkStrings) {
  Bytes bytes;
  EncodeCommand({"SET", "k", ""}, bytes);
  EXPECT_EQ(bytes, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace quorate::resp
