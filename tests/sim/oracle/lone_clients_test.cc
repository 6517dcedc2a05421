// SPDX-License-Identifier: Apache-2.0
// Histories of lone keys by hand, judged by way of the interpretation that runs have.
#include "sim/oracle/lone_clients.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/client/lone_commands.h"
#include "sim/oracle/lone_copy.h"
#include "tests/sim/oracle/history_builder.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using topology::Consistency;

constexpr char kKey[] = "lone:7";

class Lone : public HistoryBuilder<Lone> {
 public:
  Lone() { By(1); }
  // One after another, each in an event of its own.
  Lone& Ask(std::vector<Bytes> words, const std::optional<Reply>& reply) {
    words.insert(words.begin() + 1, kKey);
    now_ += 2;
    return Do(words, reply, now_ - 1, now_);
  }
  Lone& Sweep(const Reply& reply) { return By(2).Do({"DUMP", kKey}, reply, kSwept, kSwept + 1); }
  [[nodiscard]] LoneVerdict Judge(const Promises& promises = ThreeReplicas(),
                                  const std::vector<ReplicaCrash>& crashes = {}) const {
    const auto crashes_of = [&](const Bytes& /*key*/) { return crashes; };
    return CheckLoneClients(history().lone(), crashes_of, promises);
  }
  [[nodiscard]] std::optional<FailureKind> Kind() const {
    const auto failure = Judge().failure;
    return failure ? std::optional(failure->kind) : std::nullopt;
  }
  [[nodiscard]] uint64_t Judged() const {
    const LoneVerdict verdict = Judge();
    EXPECT_EQ(verdict.failure, std::nullopt);
    return verdict.judged;
  }

 private:
  uint64_t now_ = 0;
};

Reply DumpOf(const Bytes& value) {
  LoneCopy copy;
  copy.Keep(kKey, copy.Ask({"SET", kKey, value})->cells);
  return copy.Ask({"DUMP", kKey})->reply;
}

TEST(LoneClients, AreAnsweredAsByOneCopy) {
  const auto appended = [] {
    return Lone().Ask({"SET", "a"}, kOk).Ask({"APPEND", "b"}, Number(2));
  };
  EXPECT_EQ(appended().Ask({"GET"}, Text("ab")).Sweep(DumpOf("ab")).Judged(), 4u);
  EXPECT_EQ(appended().Ask({"GET"}, Text("a")).Kind(), FailureKind::kWrongReply);
  EXPECT_EQ(appended().Ask({"STRLEN"}, Number(3)).Kind(), FailureKind::kWrongReply);
  EXPECT_EQ(appended().Sweep(DumpOf("a")).Kind(), FailureKind::kLostWrite);
  EXPECT_EQ(appended().Sweep(kNil).Kind(), FailureKind::kLostWrite);
  EXPECT_EQ(Lone().Ask({"APPEND", "b"}, Number(2)).Kind(), FailureKind::kWrongReply);
}

TEST(LoneClients, AreToldATimeByAnotherClock) {
  constexpr int64_t kNow = 1'700'000'000;  // of worlds
  constexpr int64_t kAhead = 1'000'000'000;
  constexpr int64_t kDay = 86'400;
  const auto answered = [](std::vector<Bytes> words, int64_t answer) {
    Lone lone;
    lone.Ask({"SETEX", std::to_string(kAhead), "a"}, kOk).Ask(std::move(words), Number(answer));
    return lone.Kind();
  };
  const auto wrong = FailureKind::kWrongReply;
  EXPECT_EQ(answered({"TTL"}, kAhead - 60), std::nullopt);
  EXPECT_EQ(answered({"TTL"}, kAhead - kDay), std::nullopt);
  EXPECT_EQ(answered({"TTL"}, kAhead - kDay - 1), wrong);
  EXPECT_EQ(answered({"TTL"}, -1), wrong);
  EXPECT_EQ(answered({"PTTL"}, (kAhead - 60) * 1000), std::nullopt);
  EXPECT_EQ(answered({"PTTL"}, kAhead), wrong);
  EXPECT_EQ(answered({"EXPIRETIME"}, kNow + kAhead + 60), std::nullopt);
  EXPECT_EQ(answered({"PEXPIRETIME"}, (kNow + kAhead + 60) * 1000), std::nullopt);
  EXPECT_EQ(answered({"PEXPIRETIME"}, (kNow + kAhead - 2 * kDay) * 1000), wrong);
  EXPECT_EQ(answered({"STRLEN"}, 2), wrong) << "no time";
}

TEST(LoneClients, AreToldATimeThatACommandNamesExactly) {
  const auto answered = [](std::vector<Bytes> words, int64_t answer) {
    const Bytes named = std::to_string(kNamedDeadlinesMs);
    Lone lone;
    lone.Ask({"SET", "a", "PXAT", named}, kOk).Ask(std::move(words), Number(answer));
    return lone.Kind();
  };
  EXPECT_EQ(answered({"PEXPIRETIME"}, kNamedDeadlinesMs), std::nullopt);
  EXPECT_EQ(answered({"PEXPIRETIME"}, kNamedDeadlinesMs + 1), FailureKind::kWrongReply);
  EXPECT_EQ(answered({"EXPIRETIME"}, kNamedDeadlinesMs / 1000), std::nullopt);
  EXPECT_EQ(answered({"EXPIRETIME"}, kNamedDeadlinesMs / 1000 + 1), FailureKind::kWrongReply);
  EXPECT_EQ(answered({"TTL"}, (kNamedDeadlinesMs - 1'700'000'000'000) / 1000 - 60), std::nullopt);
}

TEST(LoneClients, SaysWhoWasToldWhat) {
  const auto failure = Lone().Ask({"SET", "a"}, kOk).Ask({"GET"}, Text("b")).Judge().failure;
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->oracle, "lone_clients");
  EXPECT_EQ(failure->promised, R"(client 1 is alone with "lone:7": "GET" "lone:7" answers "a")");
  EXPECT_EQ(failure->seen, R"(operation 2 (events 3 to 4) was answered "b")");
}

TEST(LoneClients, AreToldWhatIsWrongWithTheirRequests) {
  const auto text = [] { return Lone().Ask({"SET", "a"}, kOk); };
  const Reply wrong_type =
      Error("WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(text().Ask({"HSET", "f", "v"}, wrong_type).Judged(), 2u);
  EXPECT_EQ(text().Ask({"HSET", "f", "v"}, Number(1)).Kind(), FailureKind::kWrongReply);
  EXPECT_EQ(text().Ask({"GET"}, wrong_type).Kind(), FailureKind::kWrongReply);
  EXPECT_EQ(text().Ask({"GET"}, Error("ERR syntax error")).Kind(), FailureKind::kWrongReply);
}

TEST(LoneClients, WhatWasRefusedHasChangedNothing) {
  const auto refused = [] {
    return Lone()
        .Ask({"SET", "a"}, kOk)
        .Ask({"APPEND", "b"}, Error("NOQUORUM read: 1 of 3; nothing was changed"));
  };
  EXPECT_EQ(refused().Ask({"GET"}, Text("a")).Judged(), 2u);
  EXPECT_EQ(refused().Ask({"GET"}, Text("ab")).Kind(), FailureKind::kWrongReply);
}

TEST(LoneClients, AreNotJudgedBehindAWriteWhoseOutcomeIsNotKnown) {
  const std::vector<std::optional<Reply>> nothings = {
      std::nullopt, Error("NOQUORUM write: 1 of 3; the outcome is unknown")};
  for (const std::optional<Reply>& nothing : nothings) {
    const auto after = [&](std::vector<Bytes> words) {
      return Lone().Ask({"SET", "a"}, kOk).Ask(std::move(words), nothing).Ask({"GET"}, Text("x"));
    };
    EXPECT_EQ(after({"APPEND", "b"}).Judged(), 1u);
    EXPECT_EQ(after({"GET"}).Kind(), FailureKind::kWrongReply) << "a read changes nothing";
  }
}

TEST(LoneClients, AreNotJudgedWhereLevelsDoNotMeet) {
  const auto weak = [](std::vector<Bytes> words) {
    return Lone().Ask({"SET", "a"}, kOk).Reading(Consistency::kOne).Ask(std::move(words), kNil);
  };
  const auto quorum = Consistency::kLocalQuorum;
  EXPECT_EQ(weak({"GET"}).Judged(), 1u);
  EXPECT_EQ(weak({"GET"}).Reading(quorum).Ask({"GET"}, Text("x")).Kind(), FailureKind::kWrongReply);
  EXPECT_EQ(weak({"GETDEL"}).Reading(quorum).Ask({"GET"}, Text("x")).Judged(), 1u)
      << "who knows what that has left";
}

TEST(LoneClients, AreNotJudgedWhereOthersWrite) {
  Lone two;
  two.Ask({"SET", "a"}, kOk).By(2).Ask({"SET", "b"}, kOk).By(1).Ask({"GET"}, Text("x"));
  EXPECT_EQ(two.Judged(), 1u);
  const Lone read = Lone().Ask({"SET", "a"}, kOk).By(2).Ask({"GET"}, Text("x")).By(1);
  EXPECT_EQ(Lone(read).Ask({"GET"}, Text("a")).Judged(), 2u) << "but for what others read";
  EXPECT_EQ(Lone(read).Ask({"GET"}, Text("x")).Kind(), FailureKind::kWrongReply);
}

TEST(LoneClients, ForgiveWhatAllReplicasMayHaveForgotten) {
  const Lone lost = Lone().Ask({"SET", "a"}, kOk).Ask({"GET"}, kNil);
  std::vector<ReplicaCrash> crashes;
  for (uint16_t replica = 0; replica < 3; ++replica) crashes.push_back({SimTime{2}, replica, 0});
  const Promises periodic = ThreeReplicas(env::Durability::kPeriodic);
  EXPECT_EQ(lost.Judge(periodic, crashes).failure, std::nullopt);
  EXPECT_TRUE(lost.Judge(periodic).failure.has_value());
  EXPECT_TRUE(lost.Judge(ThreeReplicas(), crashes).failure.has_value());
}

}  // namespace
}  // namespace quorate::sim
