// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/interpret.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

Reply Bulk(std::string text) { return {ReplyKind::kBulk, std::move(text), 0, {}}; }
Reply Nil() { return {}; }
Reply Integer(int64_t value) { return {ReplyKind::kInteger, "", value, {}}; }
Reply Ok() { return {ReplyKind::kSimple, "OK", 0, {}}; }
Reply Error(std::string text) { return {ReplyKind::kError, std::move(text), 0, {}}; }

// The only effect of a command.
Effect Single(const std::vector<Bytes>& command, const Reply* reply) {
  const Interpretation out = Interpret(command, reply);
  EXPECT_EQ(out.effects.size(), 1u);
  return out.effects.empty() ? Effect() : out.effects.front();
}

TEST(Interpret, ReadsWhatAReplyShows) {
  const Reply bulk = Bulk("v");
  Effect effect = Single({"GET", "k"}, &bulk);
  EXPECT_EQ(effect.act, Act::kRead);
  EXPECT_EQ(effect.value, "v");
  const Reply nil = Nil();
  effect = Single({"hget", "h", "f"}, &nil);
  EXPECT_EQ(effect.field, "f");
  EXPECT_EQ(effect.value, std::nullopt);
  const Reply error = Error("NOQUORUM x");
  EXPECT_TRUE(Interpret({"GET", "k"}, &error).effects.empty());
  EXPECT_TRUE(Interpret({"GET", "k"}, nullptr).effects.empty());
}

TEST(Interpret, SplitsCommandsOverSeveralRegisters) {
  Reply array{ReplyKind::kArray, "", 0, {Bulk("1"), Nil()}};
  Interpretation out = Interpret({"MGET", "a", "b"}, &array);
  ASSERT_EQ(out.effects.size(), 2u);
  EXPECT_EQ(out.effects[0].value, "1");
  EXPECT_EQ(out.effects[1].value, std::nullopt);
  const Reply ok = Ok();
  out = Interpret({"MSET", "a", "1", "b", "2"}, &ok);
  ASSERT_EQ(out.effects.size(), 2u);
  EXPECT_EQ(out.effects[1].key, "b");
  EXPECT_EQ(out.effects[1].fate, Fate::kAcknowledged);
  const Reply two = Integer(2);
  out = Interpret({"HSET", "h", "f", "1", "g", "2"}, &two);
  ASSERT_EQ(out.effects.size(), 2u);
  EXPECT_EQ(out.effects[1].field, "g");
  EXPECT_EQ(out.effects[1].value, "2");
}

TEST(Interpret, TellsRefusedFromUnknown) {
  const Reply refused = Error("NOQUORUM QUORUM read: 1 of 3; nothing was changed");
  EXPECT_EQ(Single({"SET", "k", "v"}, &refused).fate, Fate::kRefused);
  const Reply unknown = Error("NOQUORUM QUORUM write: 1 of 3; the outcome is unknown");
  EXPECT_EQ(Single({"SET", "k", "v"}, &unknown).fate, Fate::kUnknown);
  const Reply broken = Error("IOERR something");
  EXPECT_EQ(Single({"SET", "k", "v"}, &broken).fate, Fate::kUnknown);
  EXPECT_EQ(Single({"SET", "k", "v"}, nullptr).fate, Fate::kUnknown);
  // One key's refusal says nothing of the other's fate.
  EXPECT_EQ(Interpret({"DEL", "a", "b"}, &refused).effects[0].fate, Fate::kUnknown);
}

TEST(Interpret, ADeletionOfNothingChangedNothing) {
  const Reply none = Integer(0);
  const Reply one = Integer(1);
  const Reply nil = Nil();
  EXPECT_EQ(Single({"DEL", "k"}, &none).fate, Fate::kRefused);
  EXPECT_EQ(Single({"DEL", "k"}, &one).fate, Fate::kAcknowledged);
  EXPECT_EQ(Interpret({"GETDEL", "k"}, &nil).effects.back().fate, Fate::kRefused);
  EXPECT_EQ(Single({"HDEL", "h", "f"}, &none).fate, Fate::kRefused);
  EXPECT_EQ(Interpret({"HDEL", "h", "f", "g"}, &one).effects[1].fate, Fate::kUnknown);
}

TEST(Interpret, ADeletionOfSeveralKeysSaysHowManyWereThere) {
  const Reply one = Integer(1);
  const Reply two = Integer(2);
  const Interpretation some = Interpret({"UNLINK", "a", "b"}, &one);
  EXPECT_EQ(some.effects.at(1).fate, Fate::kUnknown);
  ASSERT_TRUE(some.joined.has_value());
  EXPECT_EQ(some.joined->says, Says::kDeleted);
  EXPECT_EQ(some.joined->keys, (std::vector<Bytes>{"a", "b"}));
  EXPECT_EQ(Interpret({"DEL", "a", "b"}, &two).effects.at(1).fate, Fate::kAcknowledged);
  EXPECT_FALSE(Interpret({"DEL", "a", "b"}, nullptr).joined.has_value());
}

TEST(Interpret, WritesAllKeysOfMsetnxOrNone) {
  const std::vector<Bytes> command = {"MSETNX", "a", "1", "b", "2"};
  const Reply one = Integer(1);
  const Reply zero = Integer(0);
  const Interpretation written = Interpret(command, &one);
  ASSERT_EQ(written.effects.size(), 2u);
  EXPECT_EQ(written.effects[1].key, "b");
  EXPECT_EQ(written.effects[1].value, "2");
  EXPECT_EQ(written.effects[1].fate, Fate::kAcknowledged);
  ASSERT_TRUE(written.joined.has_value());
  EXPECT_EQ(written.joined->says, Says::kAbsent);
  EXPECT_EQ(written.joined->keys, (std::vector<Bytes>{"a", "b"}));
  EXPECT_EQ(Interpret(command, &zero).effects.at(0).fate, Fate::kRefused);
  const Reply disordered = Error("NOORDER 'msetnx' needs one order");
  EXPECT_EQ(Interpret(command, &disordered).effects.at(0).fate, Fate::kRefused);
  const Reply full = Error("OOM command not allowed");
  EXPECT_EQ(Interpret(command, &full).effects.at(0).fate, Fate::kUnknown) << "the other is written";
  EXPECT_EQ(Interpret(command, nullptr).effects.at(1).fate, Fate::kUnknown);
}

TEST(Interpret, CombinesKeysIntoAnother) {
  const Reply three = Integer(3);
  const Interpretation made = Interpret({"BITOP", "XOR", "t", "a", "b"}, &three);
  EXPECT_TRUE(made.unknown_keys.empty());
  ASSERT_TRUE(made.combination.has_value());
  EXPECT_EQ(made.combination->operation, "XOR");
  EXPECT_EQ(made.combination->to, "t");
  EXPECT_EQ(made.combination->from, (std::vector<Bytes>{"a", "b"}));
  EXPECT_EQ(made.combination->fate, Fate::kAcknowledged);
  EXPECT_EQ(made.combination->length, 3);
  const auto fate = [](const Reply* reply) {
    return Interpret({"BITOP", "XOR", "t", "a"}, reply).combination->fate;
  };
  const Reply wrong = Error("ERR syntax error");
  EXPECT_EQ(fate(&wrong), Fate::kRefused);
  const Reply lost = Error("NOQUORUM QUORUM read: 1 of 3; nothing was changed");
  EXPECT_EQ(fate(&lost), Fate::kUnknown) << "it may be that of a later step";
  EXPECT_EQ(fate(nullptr), Fate::kUnknown);
}

TEST(Interpret, KnowsTheConditionsOfSet) {
  const Reply nil = Nil();
  const Reply ok = Ok();
  EXPECT_EQ(Single({"SET", "k", "v", "NX"}, &nil).fate, Fate::kRefused);
  EXPECT_EQ(Single({"SET", "k", "v", "NX"}, &ok).fate, Fate::kAcknowledged);
  EXPECT_EQ(Interpret({"SET", "k", "v", "XX", "GET"}, &nil).effects.back().fate, Fate::kUnknown);
  const Reply zero = Integer(0);
  EXPECT_EQ(Single({"SETNX", "k", "v"}, &zero).fate, Fate::kRefused);
}

TEST(Interpret, WhatAWriteHasFoundWasRead) {
  const Reply old = Bulk("old");
  for (const std::vector<Bytes>& command :
       {std::vector<Bytes>{"GETSET", "k", "new"}, {"SET", "k", "new", "GET"}, {"GETDEL", "k"}}) {
    const Interpretation out = Interpret(command, &old);
    ASSERT_EQ(out.effects.size(), 2u) << command.front();
    EXPECT_EQ(out.effects[0].act, Act::kRead);
    EXPECT_EQ(out.effects[0].value, "old");
    EXPECT_NE(out.effects[1].act, Act::kRead);
    EXPECT_EQ(out.effects[1].fate, Fate::kAcknowledged);
  }
  const Reply ok = Ok();
  EXPECT_EQ(Interpret({"SET", "k", "v"}, &ok).effects.size(), 1u);
  EXPECT_EQ(Interpret({"GETDEL", "k"}, nullptr).effects.size(), 1u);
}

TEST(Interpret, TakesADeadlineForADeletionAtAnyLaterTime) {
  const Reply ok = Ok();
  const Interpretation out = Interpret({"SET", "k", "v", "PX", "100"}, &ok);
  ASSERT_EQ(out.effects.size(), 2u);
  EXPECT_EQ(out.effects[1].act, Act::kDelete);
  EXPECT_EQ(out.effects[1].fate, Fate::kUnknown);
  EXPECT_TRUE(out.effects[1].deadline) << "a later write takes it away";
  EXPECT_FALSE(Interpret({"PEXPIRE", "k", "100"}, nullptr).effects.at(0).deadline)
      << "it may still be executed, after any write";
}

TEST(Interpret, AddsUp) {
  const Reply sum = Integer(12);
  Effect effect = Single({"DECRBY", "k", "5"}, &sum);
  EXPECT_EQ(effect.act, Act::kAdd);
  EXPECT_EQ(effect.delta, -5);
  EXPECT_EQ(effect.value, "12");
  effect = Single({"HINCRBY", "h", "f", "3"}, &sum);
  EXPECT_EQ(effect.field, "f");
  const Reply error = Error("ERR value is not an integer or out of range");
  EXPECT_TRUE(Interpret({"INCRBY", "k", "x"}, &error).effects.empty());
}

TEST(Interpret, LooksBehindConsistency) {
  const Reply ok = Ok();
  EXPECT_EQ(Single({"CONSISTENCY", "ALL", "THEN", "SET", "k", "v"}, &ok).value, "v");
  const std::vector<Bytes> alone = {"CONSISTENCY", "READ", "ONE"};
  EXPECT_EQ(WithoutLevels(alone).size(), 3u);
}

TEST(Interpret, TellsWhatBecameOfAMove) {
  const auto fate = [](const std::vector<Bytes>& command, const Reply& reply) {
    return Interpret(command, &reply).transfer.value().fate;
  };
  const std::vector<Bytes> rename = {"RENAME", "a", "b"};
  EXPECT_EQ(fate(rename, Ok()), Fate::kAcknowledged);
  EXPECT_EQ(fate(rename, Error("ERR no such key")), Fate::kRefused);
  EXPECT_EQ(fate(rename, Error("NOORDER two replicas")), Fate::kRefused);
  EXPECT_EQ(fate(rename, Error("NOQUORUM QUORUM write: 1 of 3; the outcome is unknown")),
            Fate::kUnknown);
  EXPECT_EQ(fate({"RENAMENX", "a", "b"}, Integer(0)), Fate::kRefused);
  EXPECT_EQ(fate({"RENAMENX", "a", "b"}, Integer(1)), Fate::kAcknowledged);
  const Reply no = Integer(0);
  EXPECT_FALSE(Interpret({"COPY", "a", "b"}, &no).transfer->found_nothing)
      << "or something is there";
  const Interpretation nothing = Interpret({"COPY", "a", "b", "REPLACE"}, &no);
  EXPECT_TRUE(nothing.transfer->found_nothing);
  EXPECT_FALSE(nothing.transfer->removes);
  EXPECT_EQ(nothing.transfer->fate, Fate::kRefused);
  EXPECT_EQ(Interpret(rename, nullptr).transfer->fate, Fate::kUnknown);
}

TEST(Interpret, LeavesLoneKeysToTheOneWhoJudgesThem) {
  const Reply reply = Integer(3);
  Interpretation out = Interpret({"CONSISTENCY", "ALL", "THEN", "append", "lone:3", "v"}, &reply);
  ASSERT_TRUE(out.lone.has_value());
  EXPECT_EQ(out.lone->key, "lone:3");
  EXPECT_EQ(out.lone->command, (std::vector<Bytes>{"append", "lone:3", "v"}));
  EXPECT_EQ(out.lone->reply, reply);
  EXPECT_TRUE(out.effects.empty());
  EXPECT_TRUE(out.unknown_keys.empty());
  out = Interpret({"OBJECT", "ENCODING", "lone:3"}, nullptr);
  ASSERT_TRUE(out.lone.has_value());
  EXPECT_EQ(out.lone->reply, std::nullopt);
  EXPECT_FALSE(Interpret({"SET", "k", "lone:3"}, nullptr).lone.has_value());
}

TEST(Interpret, GivesUpKeysOfWritesItDoesNotUnderstand) {
  const Reply reply = Integer(3);
  EXPECT_EQ(Interpret({"APPEND", "k", "v"}, &reply).unknown_keys, std::vector<Bytes>{"k"});
  EXPECT_TRUE(Interpret({"STRLEN", "k"}, &reply).unknown_keys.empty());
  const Reply ok = Ok();
  EXPECT_TRUE(Interpret({"FLUSHALL"}, &ok).everything_unknown);
  EXPECT_FALSE(Interpret({"PING"}, &ok).everything_unknown);
}

}  // namespace
}  // namespace quorate::sim
