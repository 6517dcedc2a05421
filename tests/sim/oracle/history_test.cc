// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/history.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

Interpretation Of(Effect effect) {
  Interpretation out;
  out.effects.push_back(std::move(effect));
  return out;
}

Access Number(uint64_t operation) {
  Access access;
  access.operation = operation;
  access.invoked = EventId{operation * 10};
  access.completed = EventId{operation * 10 + 5};
  return access;
}

std::vector<Register> RegistersOf(const History& history) {
  std::vector<Register> registers;
  history.ForEachRegister([](const Bytes&) { return std::vector<ReplicaCrash>(); },
                          [&](const Register& entry) { registers.push_back(entry); });
  return registers;
}

TEST(History, SortsAccessesByInvocation) {
  History history;
  history.Add(Number(2), Of({"k", std::nullopt, Act::kWrite, Fate::kAcknowledged, "b", 0}));
  history.Add(Number(1), Of({"k", std::nullopt, Act::kWrite, Fate::kUnknown, "a", 0}));
  const std::vector<Register> registers = RegistersOf(history);
  ASSERT_EQ(registers.size(), 1u);
  ASSERT_EQ(registers[0].accesses.size(), 2u);
  EXPECT_EQ(registers[0].accesses[0].value, "a");
  EXPECT_EQ(registers[0].accesses[0].completed, kNever);
  EXPECT_EQ(registers[0].accesses[1].completed, EventId{25});
}

TEST(History, KeepsByHowMuchANumberWasRaised) {
  History history;
  history.Add(Number(1), Of({"n", std::nullopt, Act::kAdd, Fate::kAcknowledged, "7", 7}));
  const std::vector<Register> registers = RegistersOf(history);
  ASSERT_EQ(registers.size(), 1u);
  ASSERT_EQ(registers[0].accesses.size(), 1u);
  EXPECT_EQ(registers[0].accesses[0].delta, 7);
  EXPECT_EQ(registers[0].accesses[0].value, "7");
}

TEST(History, WhatMayBeForgottenMayBeGoneAtAnyTime) {
  History history;
  history.Add(Number(1), Of({"k", std::nullopt, Act::kWrite, Fate::kAcknowledged, "a", 0}));
  ASSERT_EQ(RegistersOf(history)[0].accesses.size(), 1u);
  history.MayForget();
  const std::vector<Access> accesses = RegistersOf(history)[0].accesses;
  ASSERT_EQ(accesses.size(), 2u);
  EXPECT_EQ(accesses[0].act, Act::kDelete);
  EXPECT_EQ(accesses[0].fate, Fate::kUnknown);
  EXPECT_EQ(accesses[0].invoked, EventId{});
  EXPECT_EQ(accesses[0].completed, kNever);
}

TEST(History, OnlyAReadOfTheSweepSweepsAKey) {
  const auto swept = [](Phase phase, Act act) {
    History history;
    Access times = Number(1);
    times.phase = phase;
    history.Add(times, Of({"k", std::nullopt, act, Fate::kAcknowledged, "a", 0}));
    EXPECT_EQ(history.swept_keys(), history.Swept("k") ? 1u : 0u);
    return history.Swept("k");
  };
  EXPECT_TRUE(swept(Phase::kSweep, Act::kRead));
  EXPECT_FALSE(swept(Phase::kFaults, Act::kRead));
  EXPECT_FALSE(swept(Phase::kSweep, Act::kWrite));
}

TEST(History, ShowsDeletionsOfAHashInEachField) {
  History history;
  history.Add(Number(1), Of({"h", "f", Act::kWrite, Fate::kAcknowledged, "1", 0}));
  history.Add(Number(2), Of({"h", "g", Act::kWrite, Fate::kAcknowledged, "2", 0}));
  history.Add(Number(3), Of({"h", std::nullopt, Act::kDelete, Fate::kAcknowledged, {}, 0}));
  const std::vector<Register> registers = RegistersOf(history);
  ASSERT_EQ(registers.size(), 2u);
  EXPECT_EQ(registers[0].field, "f");
  ASSERT_EQ(registers[1].accesses.size(), 2u);
  EXPECT_EQ(registers[1].accesses[1].act, Act::kDelete);
}

TEST(History, LeavesOutAndCountsWhatItCannotJudge) {
  History history;
  history.Add(Number(1), Of({"mixed", std::nullopt, Act::kWrite, Fate::kAcknowledged, "1", 0}));
  history.Add(Number(2), Of({"mixed", "f", Act::kWrite, Fate::kAcknowledged, "1", 0}));
  Interpretation append;
  append.unknown_keys.push_back("appended");
  history.Add(Number(3), append);
  history.Add(Number(4), Of({"appended", std::nullopt, Act::kRead, Fate::kAcknowledged, "1", 0}));
  history.Add(Number(5), Of({"good", std::nullopt, Act::kRead, Fate::kAcknowledged, {}, 0}));
  const std::vector<Register> registers = RegistersOf(history);
  ASSERT_EQ(registers.size(), 1u);
  EXPECT_EQ(registers[0].key, "good");
  EXPECT_EQ(history.coverage().mixed_keys, 1u);
  EXPECT_EQ(history.coverage().unknown_keys, 1u);
  EXPECT_EQ(history.coverage().registers, 1u);
}

TEST(History, LearnsWhichKeysADeletionHasFound) {
  History history;
  for (const char* key : {"a", "b"}) {
    history.Add(Number(1), Of({key, std::nullopt, Act::kDelete, Fate::kUnknown, {}, 0}));
  }
  history.Add(Number(2), Of({"a", std::nullopt, Act::kDelete, Fate::kUnknown, {}, 0}));
  history.Decide({{1, "a", Fate::kAcknowledged, EventId{15}}, {1, "b", Fate::kRefused, {}}});
  const std::vector<Register> registers = RegistersOf(history);
  ASSERT_EQ(registers.size(), 2u);
  EXPECT_EQ(registers[0].accesses[0].fate, Fate::kAcknowledged);
  EXPECT_EQ(registers[0].accesses[0].completed, EventId{15});
  EXPECT_EQ(registers[0].accesses[0].decided, EventId{15});
  EXPECT_EQ(registers[0].accesses[1].fate, Fate::kUnknown) << "of another operation";
  EXPECT_EQ(registers[0].accesses[1].completed, kNever);
  EXPECT_EQ(registers[1].accesses[0].fate, Fate::kRefused);
}

TEST(History, KeepsApartWhatIsMadeOfOtherKeys) {
  History history;
  Interpretation made;
  made.combination = Combination{"AND", "to", {"from"}, Fate::kUnknown, 0};
  history.Add(Number(1), made);
  history.Add(Number(2), Of({"to", std::nullopt, Act::kRead, Fate::kAcknowledged, "1", 0}));
  const std::vector<Register> registers = RegistersOf(history);
  ASSERT_EQ(registers.size(), 1u);
  EXPECT_EQ(registers[0].key, "from");
  ASSERT_EQ(history.combined().size(), 1u);
  EXPECT_EQ(history.combined()[0].access.completed, kNever);
  const auto crashes = [](const Bytes&) { return std::vector<ReplicaCrash>(); };
  const std::vector<Register> targets = history.CombinedKeys(crashes);
  ASSERT_EQ(targets.size(), 1u);
  EXPECT_EQ(targets[0].key, "to");
  EXPECT_EQ(targets[0].accesses.size(), 1u);
  EXPECT_EQ(history.coverage().combined_keys, 1u);
  EXPECT_EQ(history.coverage().combinations, 1u);
}

TEST(History, KeepsApartWhatIsDoneToLoneKeys) {
  History history;
  Interpretation lone;
  lone.lone = Lone{"lone:1", {"APPEND", "lone:1", "v"}, resp::Reply()};
  history.Add(Number(1), lone);
  EXPECT_TRUE(RegistersOf(history).empty());
  EXPECT_FALSE(history.Swept("lone:1"));
  ASSERT_EQ(history.lone().size(), 1u);
  EXPECT_EQ(history.lone()[0].access.operation, 1u);
  EXPECT_EQ(history.coverage().lone, 1u);
  EXPECT_EQ(history.coverage().registers, 0u);
  Access read = Number(2);
  read.phase = Phase::kSweep;
  lone.lone->reply = std::nullopt;
  history.Add(read, lone);
  EXPECT_FALSE(history.Swept("lone:1")) << "nothing was read";
  lone.lone->reply = resp::Reply();
  history.Add(read, lone);
  EXPECT_TRUE(history.Swept("lone:1"));
  EXPECT_EQ(history.swept_keys(), 1u);
}

TEST(History, DescribesAnAccessInOneLine) {
  Access access = Number(7);
  access.act = Act::kWrite;
  access.value = "a\x01\"";
  EXPECT_EQ(
      Describe(access),
      "write of \"a\\x01\\x22\" by operation 7 (events 70 to 75, LOCAL_QUORUM, acknowledged)");
}

}  // namespace
}  // namespace quorate::sim
