// SPDX-License-Identifier: Apache-2.0
// Commands that several replicas execute at the same time: what becomes of their cells when they
// meet.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

#include "engine/base/random.h"
#include "engine/commands/number_commands.h"
#include "tests/engine/commands/replica_harness.h"

namespace quorate::commands {
namespace {

class TwoReplicas : public testing::Test {
 protected:
  // Each receives what the other wrote since the last time.
  void Exchange() {
    const auto from_a = a.TakeMutations();
    const auto from_b = b.TakeMutations();
    a.Receive(from_b);
    b.Receive(from_a);
    EXPECT_EQ(a.digest(), b.digest());
  }
  void ExpectBoth(std::string_view request, std::string_view reply) {
    EXPECT_EQ(a(request), reply);
    EXPECT_EQ(b(request), reply);
  }

  Replica a{false, 1};
  Replica b{false, 2};
};

TEST_F(TwoReplicas, IncrementsAddUp) {
  a("INCRBY n 5");
  b("INCRBY n 7");
  Exchange();
  ExpectBoth("GET n", "\"12\"");
  a("DECR n");
  b("INCRBY n 10");
  Exchange();
  ExpectBoth("GET n", "\"21\"");
}

TEST_F(TwoReplicas, IncrementsOnAStringAddUp) {
  a("SET n 100");
  Exchange();
  EXPECT_EQ(a("INCR n"), "101");
  EXPECT_EQ(b("INCR n"), "101");
  Exchange();
  ExpectBoth("GET n", "\"102\"");
}

TEST_F(TwoReplicas, ASetWinsOverIncrementsThatItDidNotSee) {
  a("SET n 100");
  Exchange();
  a("INCR n");
  b.Pass(5);
  b("SET n 1");
  Exchange();
  ExpectBoth("GET n", "\"1\"");
  b("INCR n");
  Exchange();
  ExpectBoth("GET n", "\"2\"");
}

TEST_F(TwoReplicas, CountersBeginAnewAfterADelete) {
  a("INCRBY n 5");
  Exchange();
  b.Pass(5);
  b("DEL n");
  Exchange();
  ExpectBoth("EXISTS n", "0");
  a.Pass(10);
  b.Pass(5);
  a("INCR n");
  b("INCR n");
  Exchange();
  ExpectBoth("GET n", "\"2\"");
}

TEST_F(TwoReplicas, ACounterCanFollowAnEmptiedHash) {
  a("HSET k f v");
  Exchange();
  b.Pass(5);
  b("HDEL k f");
  Exchange();
  a.Pass(10);
  EXPECT_EQ(a("INCR k"), "1");
  Exchange();
  ExpectBoth("GET k", "\"1\"");
}

TEST_F(TwoReplicas, FieldsMergeAndFieldNumbersAddUp) {
  a("HSET h a 1 n 10");
  b("HSET h b 2");
  Exchange();
  ExpectBoth("HGETALL h", "{\"a\": \"1\", \"b\": \"2\", \"n\": \"10\"}");
  a("HINCRBY h n 5");
  b("HINCRBY h n 6");
  a("HINCRBY h new 1");
  b("HINCRBY h new 2");
  Exchange();
  ExpectBoth("HMGET h n new", "[\"21\", \"3\"]");
}

TEST_F(TwoReplicas, ADeleteOfAFieldSparesASetThatItDidNotSee) {
  a("HSET h f old");
  Exchange();
  b.Pass(5);
  b("HSET h f new");
  a("HDEL h f");
  Exchange();
  ExpectBoth("HGET h f", "\"new\"");
}

TEST_F(TwoReplicas, AFieldNumberBeginsAnewAfterItsDelete) {
  a("HINCRBY h f 5");
  a("HSET h other 1");
  Exchange();
  a("HDEL h f");
  Exchange();
  b.Pass(5);
  EXPECT_EQ(b("HINCRBY h f 2"), "2");
  Exchange();
  ExpectBoth("HGET h f", "\"2\"");
}

TEST_F(TwoReplicas, ARecreatedHashHasNoDeadlineLeft) {
  a("HSET h f v");
  a("EXPIRE h 100");
  Exchange();
  a("HDEL h f");
  Exchange();
  b.Pass(5);
  b("HSET h g v");
  Exchange();
  ExpectBoth("TTL h", "-1");
}

TEST_F(TwoReplicas, AppendKeepsADeadlineThatAnotherSets) {
  a("SET k v");
  Exchange();
  a("APPEND k w");
  b("EXPIRE k 100");
  Exchange();
  ExpectBoth("GET k", "\"vw\"");
  ExpectBoth("TTL k", "100");
}

TEST_F(TwoReplicas, ALaterSetRemovesTheDeadline) {
  a("SET k v EX 100");
  Exchange();
  b.Pass(5);
  b("SET k w");
  Exchange();
  ExpectBoth("TTL k", "-1");
}

TEST_F(TwoReplicas, BothSeeADeadlinePass) {
  a("SET k v PX 100");
  Exchange();
  a.Pass(100);
  b.Pass(100);
  ExpectBoth("EXISTS k", "0");
  EXPECT_EQ(a.digest(), b.digest());
}

TEST_F(TwoReplicas, SetReplacesAnotherType) {
  a("HSET k f v");
  Exchange();
  b.Pass(5);
  b("SET k v");
  Exchange();
  ExpectBoth("TYPE k", "+string");
  ExpectBoth("HGET k f", "-WRONGTYPE Operation against a key holding the wrong kind of value");
}

TEST(CounterSlotOwner, IsTheWholeWriter) {
  const Version stamp{HybridTime::FromBits(7), {NodeId{1}, Incarnation{2}, ShardIndex{3}}};
  EXPECT_EQ(CounterSlotOwner(stamp, PlantedBug::kNone), stamp.writer);
#ifdef QUORATE_PLANTED_BUGS
  EXPECT_EQ(CounterSlotOwner(stamp, PlantedBug::kCounterSlotPerNode),
            (WriterId{NodeId{1}, {}, {}}));
  EXPECT_EQ(CounterSlotOwner(stamp, PlantedBug::kSlotPerIncrement),
            (WriterId{NodeId{1}, Incarnation{7}, ShardIndex{3}}));
#else
  EXPECT_EQ(CounterSlotOwner(stamp, PlantedBug::kCounterSlotPerNode), stamp.writer);
  EXPECT_EQ(CounterSlotOwner(stamp, PlantedBug::kSlotPerIncrement), stamp.writer);
#endif
}

// A wiped incarnation must not continue the slot of the one before: increments it has not seen
// would be lost.
TEST_F(TwoReplicas, AnIncarnationThatForgotItsSlotLosesNothing) {
  a("INCRBY n 5");
  Exchange();
  Replica again(false, 1);
  again.set_writer({NodeId{1}, Incarnation{2}, ShardIndex{0}});
  again.Pass(10);
  EXPECT_EQ(again("INCRBY n 1"), "1");
  b.Receive(again.TakeMutations());
  EXPECT_EQ(b("GET n"), "\"6\"");
}

// Makes k a hash of one field.
std::string RestoreRequest() {
  static constexpr char kPayload[] = "\x04\x01\x01f\x01v\x0a\x00\xad\xf2\x43V\xb1\x86\x0e\xfc";
  return "RESTORE k 0 " + std::string(kPayload, sizeof(kPayload) - 1) + " REPLACE";
}

const std::vector<std::string>& LastingRequests() {
  static const std::vector<std::string> kRequests = {"SET k 1",
                                                     "SET k text",
                                                     "SET k 5 KEEPTTL",
                                                     "APPEND k 7",
                                                     "SETRANGE k 1 x",
                                                     "SETBIT k 3 1",
                                                     "BITFIELD k INCRBY u8 0 3",
                                                     RestoreRequest(),
                                                     "INCR k",
                                                     "INCRBY k 10",
                                                     "DECR k",
                                                     "DEL k",
                                                     "INCRBYFLOAT k 0.5",
                                                     "GETDEL k",
                                                     "GETSET k 3",
                                                     "EXPIRE k 1000000",
                                                     "PERSIST k",
                                                     "GETEX k EX 2000000",
                                                     "HSET k a 1",
                                                     "HSETNX k c 1",
                                                     "HSET k a 2 b 3",
                                                     "HDEL k a",
                                                     "HDEL k a b c",
                                                     "HINCRBY k a 4",
                                                     "HINCRBY k d 1",
                                                     "GET k",
                                                     "HGETALL k",
                                                     "HINCRBYFLOAT k b 1.5",
                                                     "TYPE k"};
  return kRequests;
}

std::vector<std::string> RequestsWithShortDeadlines() {
  std::vector<std::string> requests = LastingRequests();
  for (const char* request : {"SET k 20 PX 3", "PEXPIRE k 2", "GETEX k PX 5", "PEXPIRE k 4 GT",
                              "EXPIREAT k 1", "PEXPIRE k 1"}) {
    requests.emplace_back(request);
  }
  return requests;
}

// Three replicas with clocks of their own that execute some requests, and what they wrote.
class SomeHistory {
 public:
  static constexpr size_t kReplicas = 3;

  explicit SomeHistory(const std::vector<std::string>& requests) {
    for (uint64_t i = 0; i < kReplicas; ++i) replicas.emplace_back(false, i + 1);
    const auto steps = *rc::gen::container<std::vector<std::tuple<size_t, size_t, int>>>(
        rc::gen::tuple(rc::gen::inRange<size_t>(0, kReplicas),
                       rc::gen::inRange<size_t>(0, requests.size()), rc::gen::inRange(0, 5)));
    for (const auto& [at, request, ms] : steps) {
      replicas[at](requests[request]);
      replicas[at].Pass(ms);
      for (auto& mutation : replicas[at].TakeMutations()) mutations.push_back(std::move(mutation));
      // Now and then one of the earlier mutations arrives somewhere.
      if (ms == 0 && !mutations.empty()) {
        replicas[request % kReplicas].Receive({mutations[request % mutations.size()]});
      }
    }
  }

  // Every mutation arrives everywhere, once more, in an order of its own.
  void DeliverAll() {
    for (Replica& replica : replicas) {
      auto shuffled = mutations;
      Prng random(*rc::gen::arbitrary<uint64_t>());
      for (size_t i = shuffled.size(); i > 1; --i) {
        std::swap(shuffled[i - 1], shuffled[random.Below(i)]);
      }
      replica.Receive(shuffled);
    }
  }

  // One sweep of anti-entropy.
  void ExchangeStates() {
    std::vector<std::pair<std::string, Bytes>> states;
    for (Replica& replica : replicas) {
      replica.keyspace().ForEachFrom(Place{}, [&](Place, keyspace::Object& object) {
        Bytes packed;
        keyspace::PackObject(object, replica.keyspace().writers(), packed);
        states.emplace_back(object.key(), packed);
        return true;
      });
    }
    for (Replica& replica : replicas) replica.Receive(states);
  }

  // All look at the key at one time, later than all deadlines but the lasting ones.
  void LookMuchLater() {
    for (Replica& replica : replicas) {
      replica.Pass(1'700'000'100'000 - replica.now_ms());
      replica("EXISTS k");
    }
  }

  void ExpectEqual() {
    for (Replica& replica : replicas) {
      RC_ASSERT(replica.digest() == replicas.front().digest());
      for (const char* request : {"TYPE k", "GET k", "HGETALL k", "PEXPIRETIME k"}) {
        RC_ASSERT(replica(request) == replicas.front()(request));
      }
    }
  }

  std::deque<Replica> replicas;
  std::vector<std::pair<std::string, Bytes>> mutations;
};

// Whatever replicas execute, and in whatever order and however often mutations arrive, they end
// equal.
RC_GTEST_PROP(Replicas, ConvergeByTheirMutationsAlone, ()) {
  SomeHistory history(LastingRequests());
  history.DeliverAll();
  history.ExpectEqual();
}

// A deadline is noticed by each replica for itself; one that noticed knows what no mutation tells,
// so here a sweep of states is needed.
RC_GTEST_PROP(Replicas, ConvergeWithDeadlinesAfterASweep, ()) {
  SomeHistory history(RequestsWithShortDeadlines());
  history.DeliverAll();
  history.ExchangeStates();
  history.LookMuchLater();
  history.ExpectEqual();
}

// Without concurrency a pool of several replicas answers as a single one does.
RC_GTEST_PROP(Replicas, AnswerAsASoleOwnerDoes, ()) {
  const std::vector<std::string> requests = RequestsWithShortDeadlines();
  Replica sole(true, 1);
  Replica several(false, 1);
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(
      rc::gen::inRange(0, static_cast<int>(requests.size())), rc::gen::inRange(0, 4)));
  for (const auto& [request, ms] : steps) {
    const std::string& line = requests[static_cast<size_t>(request)];
    RC_ASSERT(sole(line) == several(line));
    sole.Pass(ms);
    several.Pass(ms);
  }
}

}  // namespace
}  // namespace quorate::commands
