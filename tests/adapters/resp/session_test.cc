// SPDX-License-Identifier: Apache-2.0
// A session between a world and a shard: order, gates, back-pressure, the end of the conversation.
#include "adapters/resp/session.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/limits.h"
#include "tests/adapters/resp/fake_shard.h"

namespace quorate::resp {
namespace {

std::string Command(std::initializer_list<std::string_view> arguments) {
  Bytes bytes;
  EncodeCommand(arguments, bytes);
  return bytes;
}

// A handler with the commands that change the connection; all others are echoed.
void Connection(const Arguments& arguments, commands::Client& client, commands::RequestSlot slot) {
  const std::string& name = arguments[0];
  if (name == "CLIENT" && arguments[1] == "REPLY") {
    if (arguments[2] == "OFF") client.state.reply_off = true;
    if (arguments[2] == "SKIP" && !client.state.reply_off) client.state.reply_skip = true;
    if (arguments[2] == "ON") {
      client.state.reply_off = client.state.reply_skip = false;
      client.Reply(slot).Simple("OK");
    }
    client.Complete(slot);
  } else if (name == "HELLO") {
    commands::ReplySink& sink = client.Reply(slot);
    client.state.protocol = arguments[1] == "3" ? 3 : 2;
    sink.Map(0);
    client.Complete(slot);
  } else if (name == "QUIT") {
    client.state.close_after_reply = true;
    client.Reply(slot).Simple("OK");
    client.Complete(slot);
  } else if (name == "AUTH") {
    client.state.authenticated = true;
    client.Reply(slot).Simple("OK");
    client.Complete(slot);
  } else if (name == "NULL") {
    client.Reply(slot).Null();
    client.Complete(slot);
  } else if (name != "LATER") {
    client.Reply(slot).Simple(name);
    client.Complete(slot);
  }
}

class SessionTest : public testing::Test {
 protected:
  // What comes back for `stream` when every tick ends at once.
  std::string Talk(std::string_view stream) {
    Feed(session_, stream);
    shard_.TickUntilIdle();
    return Drain(session_);
  }
  // Completes a request that a handler left open.
  void Answer(uint64_t slot, std::string_view text) {
    session_.Reply({slot}).Simple(text);
    session_.Complete({slot});
  }
  void GateAndRelease() {
    session_.Gate(++shard_.barrier);
    session_.Release(shard_.barrier);
  }

  FakeShard shard_;
  Session session_{shard_, ClientId{7}, shard_};
};

TEST_F(SessionTest, AttachesForItsLife) {
  EXPECT_EQ(shard_.attached.size(), 1u);
  {
    const Session other(shard_, ClientId{8}, shard_);
    EXPECT_EQ(other.id, ClientId{8});
    EXPECT_EQ(shard_.attached.size(), 2u);
  }
  EXPECT_EQ(shard_.attached.size(), 1u);
}

TEST_F(SessionTest, AnswersCommandsCutAtEveryByte) {
  const std::string stream = Command({"SET", "k", "v"}) + "get k\r\n" + Command({"GET", ""});
  const std::string expected =
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nget\r\n$1\r\nk\r\n" +
      Command({"GET", ""});
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    FakeShard shard;
    Session session(shard, ClientId{1}, shard);
    std::string out;
    for (const std::string_view piece :
         {std::string_view(stream).substr(0, cut), std::string_view(stream).substr(cut)}) {
      Feed(session, piece);
      shard.TickUntilIdle();
      out += Drain(session);
    }
    EXPECT_EQ(out, expected) << cut;
  }
  std::string out;
  for (const char byte : stream) out += Talk(std::string_view(&byte, 1));
  EXPECT_EQ(out, expected);
}

TEST_F(SessionTest, KeepsViewsUntilTheTickWhileMoreArrives) {
  std::string stream;
  for (int i = 0; i < 2000; ++i)
    stream += Command({"SET", std::to_string(i), std::string(40, 'x')});
  for (size_t at = 0; at < stream.size(); at += 1000) {
    Feed(session_, std::string_view(stream).substr(at, 1000));
  }
  EXPECT_EQ(shard_.waiting(), 2000u);
  EXPECT_EQ(Talk({}), stream);
}

TEST_F(SessionTest, HoldsBackWhatExceedsTheOutstandingLimit) {
  const std::string one = "PING\r\n";
  std::string stream;
  for (uint64_t i = 0; i < kOutstandingRequestsMax + 10; ++i) stream += one;
  Feed(session_, stream);
  EXPECT_EQ(shard_.waiting(), kOutstandingRequestsMax);
  EXPECT_FALSE(session_.WantsInput());
  shard_.Tick();
  EXPECT_EQ(shard_.waiting(), 10u);
  EXPECT_TRUE(session_.WantsInput());
  shard_.Tick();
  EXPECT_EQ(shard_.seen.size(), kOutstandingRequestsMax + 10);
}

TEST_F(SessionTest, AsksForATickWhenLateRepliesMakeRoom) {
  shard_.handler = Connection;
  std::string stream;
  for (uint64_t i = 0; i < kOutstandingRequestsMax + 1; ++i) stream += "LATER\r\n";
  Feed(session_, stream);
  shard_.Tick();
  EXPECT_FALSE(session_.WantsInput());
  EXPECT_FALSE(shard_.tick_asked());
  Answer(0, "x");
  EXPECT_TRUE(shard_.tick_asked());
  GateAndRelease();
  shard_.Tick();
  EXPECT_EQ(shard_.waiting(), 1u);
}

TEST_F(SessionTest, StopsReadingWhileOutputPilesUp) {
  const std::string value(kOutputBytesMax, 'v');
  Feed(session_, Command({"ECHO", value}));
  shard_.Tick();
  EXPECT_FALSE(session_.WantsInput());
  Feed(session_, Command({"PING"}));
  EXPECT_EQ(shard_.waiting(), 0u);
  const size_t size = session_.Output().size();
  session_.OutputWritten(size - 10);
  EXPECT_EQ(shard_.waiting(), 1u);
  EXPECT_TRUE(session_.WantsInput());
  session_.OutputWritten(10);
  shard_.Tick();
  EXPECT_EQ(session_.Output(), Command({"PING"}));
}

TEST_F(SessionTest, ReadsHugeBulkStringsWithOneReservation) {
  const std::string value(16 * 1024 * 1024, 'v');
  const std::string stream = Command({"SET", "k", value});
  const std::string_view rest(stream);
  Feed(session_, rest.substr(0, 40));
  const std::span<char> space = session_.InputSpace(1);
  EXPECT_EQ(space.size(), stream.size() - 40);
  const char* const place = space.data();
  for (size_t at = 40; at < stream.size(); at += 5000) {
    EXPECT_EQ(session_.InputSpace(5000).data(), place + (at - 40));
    Feed(session_, rest.substr(at, std::min<size_t>(5000, stream.size() - at)));
  }
  shard_.Tick();
  EXPECT_EQ(shard_.seen.at(0).at(2), value);
  EXPECT_EQ(Drain(session_).size(), stream.size());
  EXPECT_EQ(session_.buffered_bytes(), 0u);
}

TEST_F(SessionTest, AnswersProtocolErrorsBehindTheRepliesBeforeThem) {
  shard_.handler = Connection;
  Feed(session_, "LATER\r\nPING\r\n*x\r\nPING\r\n");
  shard_.TickUntilIdle();
  EXPECT_EQ(Drain(session_), "");
  EXPECT_FALSE(session_.WantsInput());
  EXPECT_FALSE(session_.ShouldClose());
  Answer(0, "late");
  GateAndRelease();
  EXPECT_FALSE(session_.ShouldClose());
  EXPECT_EQ(Drain(session_), "+late\r\n+PING\r\n-ERR Protocol error: invalid multibulk length\r\n");
  EXPECT_TRUE(session_.ShouldClose());
  EXPECT_EQ(shard_.seen.size(), 2u);
}

TEST_F(SessionTest, HoldsProtocolErrorsBehindGates) {
  shard_.durable = false;
  Feed(session_, "PING\r\n");
  shard_.Tick();
  Feed(session_, "*1\r\n!\r\n");
  EXPECT_EQ(session_.Output(), "");
  session_.Release(shard_.barrier);
  EXPECT_EQ(Drain(session_), "*1\r\n$4\r\nPING\r\n-ERR Protocol error: expected '$', got '!'\r\n");
  EXPECT_TRUE(session_.ShouldClose());
}

TEST_F(SessionTest, HoldsProtocolErrorsBehindRepliesThatHaveNoGateYet) {
  shard_.handler = Connection;
  Feed(session_, "LATER\r\n");
  shard_.Tick();
  Answer(0, "late");
  Feed(session_, "*x\r\n");
  EXPECT_EQ(session_.Output(), "");
  session_.Gate(++shard_.barrier);
  EXPECT_EQ(session_.Output(), "");
  session_.Release(shard_.barrier);
  EXPECT_EQ(Drain(session_), "+late\r\n-ERR Protocol error: invalid multibulk length\r\n");
}

TEST_F(SessionTest, AnnouncesAnErrorWithNothingBeforeIt) {
  Feed(session_, "\"\r\n");
  EXPECT_EQ(shard_.output_ready, 1);
  EXPECT_EQ(Drain(session_), "-ERR Protocol error: unbalanced quotes in request\r\n");
  EXPECT_TRUE(session_.ShouldClose());
}

TEST_F(SessionTest, ClosesOnCommandsOfBrowsers) {
  for (const std::string_view name : {"POST", "post", "Host:", "hOsT:"}) {
    FakeShard shard;
    Session session(shard, ClientId{1}, shard);
    Feed(session, std::string("PING\r\n") + std::string(name) + " / HTTP/1.1\r\nSET a b\r\n");
    EXPECT_FALSE(session.ShouldClose());
    shard.Tick();
    EXPECT_EQ(Drain(session), "*1\r\n$4\r\nPING\r\n");
    EXPECT_TRUE(session.ShouldClose()) << name;
    EXPECT_EQ(shard.seen.size(), 1u);
  }
}

TEST_F(SessionTest, HandsOverNothingBehindQuit) {
  shard_.handler = Connection;
  EXPECT_EQ(Talk("PING\r\nQUIT\r\nSET a b\r\n"), "+PING\r\n+OK\r\n");
  EXPECT_TRUE(session_.ShouldClose());
  EXPECT_FALSE(session_.WantsInput());
  EXPECT_EQ(shard_.seen.size(), 2u);
}

TEST_F(SessionTest, DropsRepliesBehindOneThatCloses) {
  // A command other than QUIT that closes, with requests of the same batch behind it.
  shard_.handler = [](const Arguments& arguments, commands::Client& client,
                      commands::RequestSlot slot) {
    if (arguments[0] == "LATER") return;
    if (arguments[0] == "KILL") client.state.close_after_reply = true;
    client.Reply(slot).Simple(arguments[0]);
    client.Complete(slot);
  };
  Feed(session_, "LATER\r\nA\r\nKILL\r\nB\r\nLATER\r\n");
  shard_.Tick();
  EXPECT_FALSE(session_.ShouldClose());
  Answer(0, "first");
  GateAndRelease();
  EXPECT_EQ(Drain(session_), "+first\r\n+A\r\n+KILL\r\n");
  EXPECT_TRUE(session_.ShouldClose());
  Answer(4, "nobody reads this");
  GateAndRelease();
  EXPECT_EQ(Drain(session_), "");
}

TEST_F(SessionTest, SilencesRepliesAsClientReplySays) {
  shard_.handler = Connection;
  const std::string off = "CLIENT REPLY OFF\r\n";
  const std::string on = "CLIENT REPLY ON\r\n";
  const std::string skip = "CLIENT REPLY SKIP\r\n";
  EXPECT_EQ(Talk("A\r\n" + off + "B\r\nC\r\n" + on + "D\r\n"), "+A\r\n+OK\r\n+D\r\n");
  EXPECT_EQ(Talk(skip + "B\r\nC\r\n"), "+C\r\n");
  EXPECT_EQ(Talk(skip + skip + "B\r\nC\r\n"), "+C\r\n");
  EXPECT_EQ(Talk(skip + on + "C\r\n"), "+OK\r\n+C\r\n");
  EXPECT_EQ(Talk(off + skip + on + "C\r\n"), "+OK\r\n+C\r\n");
  EXPECT_EQ(Talk(skip), "");
  EXPECT_EQ(Talk("B\r\nC\r\n"), "+C\r\n");
}

TEST_F(SessionTest, SkipsTheNextRequestEvenIfItCompletesLast) {
  shard_.handler = Connection;
  Feed(session_, "CLIENT REPLY SKIP\r\nLATER\r\nB\r\n");
  shard_.TickUntilIdle();
  Answer(1, "skipped");
  GateAndRelease();
  EXPECT_EQ(Drain(session_), "+B\r\n");
}

TEST_F(SessionTest, SaysNothingAboutErrorsWhileSilenced) {
  shard_.handler = Connection;
  EXPECT_EQ(Talk("CLIENT REPLY OFF\r\n*x\r\n"), "");
  EXPECT_TRUE(session_.ShouldClose());
}

TEST_F(SessionTest, AnswersEachRequestInTheProtocolOfItsPlace) {
  shard_.handler = [](const Arguments& arguments, commands::Client& client,
                      commands::RequestSlot slot) { Connection(arguments, client, slot); };
  Feed(session_, "LATER\r\nHELLO 3\r\nNULL\r\n");
  shard_.TickUntilIdle();
  EXPECT_EQ(shard_.seen.size(), 1u);  // HELLO waits
  session_.Reply({0}).Null();
  session_.Complete({0});
  GateAndRelease();
  shard_.TickUntilIdle();
  EXPECT_EQ(Drain(session_), "$-1\r\n%0\r\n_\r\n");
}

TEST_F(SessionTest, HandsOverOneRequestPerTickBeforeAuthentication) {
  shard_.handler = Connection;
  shard_.password = true;
  std::string value(20000, 'v');
  Feed(session_, "AUTH secret\r\n" + Command({"SET", "k", value}) + "PING\r\n");
  EXPECT_EQ(shard_.waiting(), 1u);
  EXPECT_FALSE(session_.WantsInput());
  shard_.Tick();
  EXPECT_EQ(shard_.waiting(), 2u);
  shard_.Tick();
  EXPECT_EQ(Drain(session_), "+OK\r\n+SET\r\n+PING\r\n");
}

TEST_F(SessionTest, RefusesMuchBeforeAuthentication) {
  shard_.password = true;
  EXPECT_EQ(Talk("PING\r\n*11\r\n"),
            "*1\r\n$4\r\nPING\r\n-ERR Protocol error: unauthenticated multibulk length\r\n");
  EXPECT_TRUE(session_.ShouldClose());
}

TEST_F(SessionTest, AnswersWhatWasCompleteWhenThePeerStopped) {
  Feed(session_, "PING\r\nGET");
  session_.InputClosed();
  EXPECT_FALSE(session_.WantsInput());
  EXPECT_FALSE(session_.ShouldClose());
  shard_.Tick();
  EXPECT_FALSE(session_.ShouldClose());
  EXPECT_EQ(Drain(session_), Command({"PING"}));
  EXPECT_TRUE(session_.ShouldClose());
}

TEST_F(SessionTest, ClosesAtOnceWhenNothingIsOwed) {
  EXPECT_FALSE(session_.ShouldClose());
  session_.InputClosed();
  EXPECT_TRUE(session_.ShouldClose());
  EXPECT_EQ(shard_.output_ready, 1);
}

TEST_F(SessionTest, AnnouncesOutputOnceUntilItIsEmptied) {
  Talk("PING\r\n");
  EXPECT_EQ(shard_.output_ready, 1);
  Feed(session_, "PING\r\n");
  shard_.Tick();
  Feed(session_, "PING\r\n");
  shard_.Tick();
  EXPECT_EQ(shard_.output_ready, 2);
  session_.OutputWritten(3);
  Feed(session_, "PING\r\n");
  shard_.Tick();
  EXPECT_EQ(shard_.output_ready, 2);
  Drain(session_);
}

TEST_F(SessionTest, FreesEmptyLinesWithoutATick) {
  for (int i = 0; i < 100000; ++i) Feed(session_, "\r\n\r\n");
  EXPECT_EQ(session_.buffered_bytes() <= kInputBlockBytes, true);
  EXPECT_FALSE(shard_.tick_asked());
}

TEST_F(SessionTest, TrimsOnlyWhatIsEmpty) {
  Feed(session_, "PI");
  session_.Trim();
  EXPECT_EQ(Talk("NG\r\n"), Command({"PING"}));
  session_.Trim();
  EXPECT_EQ(Talk("PING\r\n"), Command({"PING"}));
}

TEST_F(SessionTest, BoundsInputOfOneTick) {
  const std::string request = Command({"SET", "k", std::string(1024 * 1024, 'v')});
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(session_.WantsInput());
    Feed(session_, request);
  }
  EXPECT_FALSE(session_.WantsInput());
  shard_.Tick();
  Drain(session_);
  EXPECT_TRUE(session_.WantsInput());
}

// Any order of completion gives the order of the requests.
RC_GTEST_PROP(Session, RepliesInRequestOrder, (uint8_t count_bits)) {
  const uint64_t count = count_bits % 100 + uint64_t{1};
  FakeShard shard;
  shard.handler = [](const Arguments&, commands::Client&, commands::RequestSlot) {};
  Session session(shard, ClientId{1}, shard);
  std::string stream;
  for (uint64_t i = 0; i < count; ++i) stream += "X\r\n";
  Feed(session, stream);
  shard.Tick();
  std::vector<uint64_t> order(count);
  std::iota(order.begin(), order.end(), uint64_t{0});
  for (size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[*rc::gen::inRange<size_t>(0, i)]);
  }
  std::string out;
  std::string expected;
  for (const uint64_t slot : order) {
    session.Reply({slot}).Integer(static_cast<int64_t>(slot));
    session.Complete({slot});
    session.Gate(++shard.barrier);
    session.Release(shard.barrier);
    if (slot % 3 == 0) out += Drain(session);
  }
  out += Drain(session);
  for (uint64_t i = 0; i < count; ++i) expected += ":" + std::to_string(i) + "\r\n";
  RC_ASSERT(out == expected);
  // A second round uses the side buffers again.
  Feed(session, "X\r\nX\r\n");
  shard.Tick();
  for (const uint64_t slot : {count + 1, count}) {
    session.Reply({slot}).Integer(static_cast<int64_t>(slot));
    session.Complete({slot});
  }
  session.Gate(++shard.barrier);
  session.Release(shard.barrier);
  RC_ASSERT(Drain(session) ==
            ":" + std::to_string(count) + "\r\n:" + std::to_string(count + 1) + "\r\n");
}

// A model: byte i of the output may be seen once a barrier at or above the first gate behind it, or
// behind any byte after it in the same gate, was released.
RC_GTEST_PROP(Session, ShowsNothingBeforeItsBarrier, ()) {
  FakeShard shard;
  shard.gates = false;
  shard.handler = [](const Arguments&, commands::Client&, commands::RequestSlot) {};
  Session session(shard, ClientId{1}, shard);
  uint64_t next = 0;
  uint64_t barrier = 0;
  uint64_t released = 0;
  uint64_t ungated = 0;
  std::vector<uint64_t> barriers;  // of each reply
  std::string out;
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
  for (const int step : steps) {
    if (step <= 1) {
      Feed(session, "X\r\n");
      shard.Tick();
      session.Reply({next}).Integer(static_cast<int64_t>(next % 10));
      session.Complete({next++});
      ++ungated;
    } else if (step == 2) {
      session.Gate(++barrier);
      barriers.insert(barriers.end(), ungated, barrier);
      ungated = 0;
    } else if (step == 3) {
      released = std::max(released, *rc::gen::inRange<uint64_t>(0, barrier + 2));
      session.Release(released);
    } else {
      const size_t size = session.Output().size();
      const size_t part = *rc::gen::inRange<size_t>(0, size + 1);
      out += session.Output().substr(0, part);
      session.OutputWritten(part);
    }
    const auto visible = std::find_if(barriers.begin(), barriers.end(),
                                      [&](uint64_t needed) { return needed > released; });
    const size_t replies = static_cast<size_t>(visible - barriers.begin());
    RC_ASSERT(out.size() + session.Output().size() == replies * 4);
  }
}

}  // namespace
}  // namespace quorate::resp
