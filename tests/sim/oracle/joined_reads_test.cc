// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/joined_reads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

Reply Text(std::string text) { return {ReplyKind::kBulk, std::move(text), 0, {}}; }
Reply Number(int64_t number) { return {ReplyKind::kInteger, {}, number, {}}; }
Reply List(std::vector<Reply> elements) { return {ReplyKind::kArray, {}, 0, std::move(elements)}; }
Reply Match(int64_t a, int64_t b, int64_t length) {
  return List({List({Number(a), Number(a + length - 1)}), List({Number(b), Number(b + length - 1)}),
               Number(length)});
}

RegisterBuilder Named(std::string key) {
  RegisterBuilder builder;
  builder.Name(std::move(key));
  return builder;
}

// A reply to `command` on `a` and `b`, read between two events.
std::optional<FailureKind> Judge(const std::vector<Bytes>& command, Reply reply, uint64_t from,
                                 uint64_t to, const RegisterBuilder& a, const RegisterBuilder& b) {
  JoinedAccess access;
  access.access = RegisterBuilder().Read(std::nullopt, from, to).entry().accesses.front();
  access.joined = {says, command, {command[1], command[2]}, std::move(reply)};
  const std::vector<JoinedAccess> all = {access};
  const Promises promises = ThreeReplicas();
  JoinedReads oracle(all, promises);
  oracle.Take(a.entry());
  oracle.Take(b.entry());
  const auto failure = oracle.Check();
  if (!failure.has_value()) return std::nullopt;
  EXPECT_EQ(failure->oracle, "joined_reads");
  return failure->kind;
}

const std::vector<Bytes> kLcs = {"LCS", "a", "b"};
const std::vector<Bytes> kLength = {"LCS", "a", "b", "LEN"};
const std::vector<Bytes> kExists = {"EXISTS", "a", "b"};

// By the definition, one row at a time.
int64_t Longest(std::string_view a, std::string_view b) {
  std::vector<int64_t> row(b.size() + 1);
  for (const char c : a) {
    int64_t diagonal = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      const int64_t above = row[j + 1];
      row[j + 1] = c == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

TEST(JoinedReads, KnowsTheLengthForTextsOfOneWordAndOfMany) {
  uint64_t draw = 0;
  const auto drawn = [&draw](uint64_t below) { return KeyedHash(7, ++draw) % below; };
  for (const uint64_t letters : {1u, 2u, 5u, 256u}) {
    for (const size_t most : {1u, 63u, 64u, 65u, 128u, 300u}) {
      for (int i = 0; i < 20; ++i) {
        std::string a(drawn(most + 1), ' ');
        std::string b(i == 0 ? most : drawn(most + 1), ' ');
        for (char& c : a) c = static_cast<char>(drawn(letters));
        for (char& c : b) c = static_cast<char>(drawn(letters));
        const int64_t length = Longest(a, b);
        EXPECT_TRUE(IsLongestCommon(kLength, Number(length), a, b)) << a.size() << " " << b.size();
        EXPECT_FALSE(IsLongestCommon(kLength, Number(length + 1), a, b));
      }
    }
  }
}

TEST(JoinedReads, FindsACommonSubsequenceOfOtherValues) {
  const auto a = Named("a").Write("ohmytext", 1, 2);
  const auto b = Named("b").Write("mynewtext", 1, 2);
  EXPECT_EQ(Judge(kLcs, Text("mytext"), 3, 4, a, b), std::nullopt);
  EXPECT_EQ(Judge(kLcs, Text("ohmytext"), 3, 4, a, b), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(kLcs, Text("mytex"), 3, 4, a, b), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(kLcs, Text(""), 3, 4, a, b), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(kLength, Number(6), 3, 4, a, b), std::nullopt);
  EXPECT_EQ(Judge(kLength, Number(8), 3, 4, a, b), FailureKind::kWrongReply);
}

TEST(JoinedReads, TakesAnyValuesThatTheKeysMayShow) {
  const auto a = Named("a").Write("xaa", 1, 2).Write("ybb", 3, 9);
  const auto b = Named("b").Write("xa", 1, 2);
  EXPECT_EQ(Judge(kLcs, Text("xa"), 4, 5, a, b), std::nullopt);
  EXPECT_EQ(Judge(kLcs, Text(""), 4, 5, a, b), std::nullopt);
  EXPECT_EQ(Judge(kLcs, Text("xa"), 10, 11, a, b), FailureKind::kWrongReply) << "it is stale";
  EXPECT_EQ(Judge(kLcs, Text(""), 10, 11, a, b), std::nullopt);
}

TEST(JoinedReads, JudgesMatches) {
  const std::vector<Bytes> command = {"LCS", "a", "b", "IDX", "WITHMATCHLEN"};
  const auto a = Named("a").Write("ohmytext", 1, 2);
  const auto b = Named("b").Write("mynewtext", 1, 2);
  const auto reply = [](std::vector<Reply> matches, int64_t length) {
    return List({Text("matches"), List(std::move(matches)), Text("len"), Number(length)});
  };
  const auto judge = [&](Reply seen) { return Judge(command, std::move(seen), 3, 4, a, b); };
  EXPECT_EQ(judge(reply({Match(4, 5, 4), Match(2, 0, 2)}, 6)), std::nullopt);
  EXPECT_EQ(judge(reply({Match(4, 5, 4)}, 4)), FailureKind::kWrongReply) << "not the longest";
  EXPECT_EQ(judge(reply({Match(4, 5, 4)}, 6)), FailureKind::kWrongReply);
  EXPECT_EQ(judge(reply({Match(2, 0, 2), Match(4, 5, 4)}, 6)), FailureKind::kWrongReply);
  EXPECT_EQ(judge(reply({Match(4, 5, 4), Match(1, 0, 2)}, 6)), FailureKind::kWrongReply);
  EXPECT_EQ(judge(reply({Match(4, 5, 40), Match(2, 0, 2)}, 42)), FailureKind::kWrongReply);
}

TEST(JoinedReads, CountsWhatMustBeThereAndNothingElse) {
  const auto there = Named("a").Write("x", 1, 2);
  const auto gone = Named("b").Write("x", 1, 2).Delete(3, 4);
  EXPECT_EQ(Judge(kExists, Number(1), 5, 6, there, gone), std::nullopt);
  EXPECT_EQ(Judge(kExists, Number(0), 5, 6, there, gone), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(kExists, Number(2), 5, 6, there, gone), FailureKind::kWrongReply);
  const auto going = Named("b").Write("x", 1, 2).Delete(3, 9);
  EXPECT_EQ(Judge(kExists, Number(1), 5, 6, there, going), std::nullopt);
  EXPECT_EQ(Judge(kExists, Number(2), 5, 6, there, going), std::nullopt);
}

TEST(JoinedReads, DemandsNothingOfKeysThatAreNotKnown) {
  const auto a = Named("a").Write("x", 1, 2);
  EXPECT_EQ(Judge(kLcs, Text("zzz"), 3, 4, a, Named("b").Add(1, 1, 2)), std::nullopt);
  EXPECT_EQ(Judge(kLcs, Text("zzz"), 3, 4, a, Named("other")), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
