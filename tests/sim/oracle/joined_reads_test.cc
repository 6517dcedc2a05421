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

// Of one command that ran between two events, as a run interprets it.
class Asked {
 public:
  Asked(const std::vector<Bytes>& command, const Reply& reply, uint64_t from, uint64_t to,
        const std::vector<RegisterBuilder>& keys) {
    Access access = RegisterBuilder().Read(std::nullopt, from, to).entry().accesses.front();
    access.operation = kOperation;
    access.client = 7;
    all_.push_back({access, *Interpret(command, &reply).joined});
    oracle_.emplace(all_, promises_);
    for (const RegisterBuilder& key : keys) oracle_->Take(key.entry());
  }

  [[nodiscard]] std::optional<FailureKind> Judge() const {
    const auto failure = oracle_->Check();
    if (!failure.has_value()) return std::nullopt;
    EXPECT_EQ(failure->oracle, "joined_reads");
    return failure->kind;
  }
  [[nodiscard]] bool LeavesOpen(std::string_view key) const { return oracle_->IsUndecided(key); }
  // The keys that it must have deleted, and those that it cannot have.
  [[nodiscard]] std::vector<Bytes> Decided(Fate fate) const {
    std::vector<Bytes> keys;
    for (const DecidedDeletion& decided : oracle_->DecidedDeletions()) {
      EXPECT_EQ(decided.operation, kOperation);
      EXPECT_EQ(decided.completed, all_.front().access.completed);
      if (decided.fate == fate) keys.push_back(decided.key);
    }
    return keys;
  }

  static constexpr uint64_t kOperation = 100;

 private:
  const Promises promises_ = ThreeReplicas();
  std::vector<JoinedAccess> all_;
  std::optional<JoinedReads> oracle_;
};

// A reply to `command` on `a` and `b`.
std::optional<FailureKind> Judge(const std::vector<Bytes>& command, const Reply& reply,
                                 uint64_t from, uint64_t to, const RegisterBuilder& a,
                                 const RegisterBuilder& b) {
  return Asked(command, reply, from, to, {a, b}).Judge();
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
  const auto judge = [&](const Reply& seen) { return Judge(command, seen, 3, 4, a, b); };
  EXPECT_EQ(judge(reply({Match(4, 5, 4), Match(2, 0, 2)}, 6)), std::nullopt);
  EXPECT_EQ(judge(reply({Match(4, 5, 4)}, 4)), FailureKind::kWrongReply) << "not the longest";
  EXPECT_EQ(judge(reply({Match(4, 5, 4)}, 6)), FailureKind::kWrongReply);
  EXPECT_EQ(judge(reply({Match(2, 0, 2), Match(4, 5, 4)}, 6)), FailureKind::kWrongReply);
  EXPECT_EQ(judge(reply({Match(4, 5, 4), Match(1, 0, 2)}, 6)), FailureKind::kWrongReply);
  EXPECT_EQ(judge(reply({Match(4, 5, 40), Match(2, 0, 2)}, 42)), FailureKind::kWrongReply);
}

TEST(JoinedReads, MatchesAreNotEmptyAndNothingIsAddedToThem) {
  const std::vector<Bytes> command = {"LCS", "a", "b", "IDX", "WITHMATCHLEN"};
  const auto judge = [&](std::vector<Reply> matches, std::vector<Reply> more) {
    std::vector<Reply> all = {Text("matches"), List(std::move(matches)), Text("len"), Number(2)};
    all.insert(all.end(), more.begin(), more.end());
    return IsLongestCommon(command, List(std::move(all)), "xab", "aby");
  };
  EXPECT_TRUE(judge({Match(1, 0, 2)}, {}));
  EXPECT_FALSE(judge({Match(1, 0, 2), Match(1, 0, 0)}, {}));
  EXPECT_FALSE(judge({Match(1, 0, 2)}, {Number(2)}));
  EXPECT_FALSE(IsLongestCommon(command, List({}), "xab", "aby"));
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

const std::vector<Bytes> kDelete = {"DEL", "a", "b"};
const std::vector<Bytes> kUnlink = {"UNLINK", "a", "b"};

TEST(JoinedReads, ADeletionCountsWhatItFoundBeforeItsOwn) {
  const auto own = [](RegisterBuilder key) {
    key.Delete(5, 6).By(7).Numbered(Asked::kOperation);
    return key;
  };
  const auto there = own(Named("a").Write("x", 1, 2));
  const auto gone = own(Named("b").Write("x", 1, 2).Delete(3, 4));
  for (const auto& command : {kDelete, kUnlink}) {
    EXPECT_EQ(Judge(command, Number(1), 5, 6, there, gone), std::nullopt);
    EXPECT_EQ(Judge(command, Number(0), 5, 6, there, gone), FailureKind::kWrongReply);
    EXPECT_EQ(Judge(command, Number(2), 5, 6, there, gone), FailureKind::kWrongReply);
  }
  const auto coming = own(Named("b").Write("x", 4, 9));
  EXPECT_EQ(Judge(kDelete, Number(1), 5, 6, there, coming), std::nullopt);
  EXPECT_EQ(Judge(kDelete, Number(2), 5, 6, there, coming), std::nullopt);
  EXPECT_EQ(Judge(kDelete, Number(0), 5, 6, there, coming), FailureKind::kWrongReply);
  const auto perhaps = own(Named("b").Write("x", 1, 2).Delete(3, 4).Unknown());
  EXPECT_EQ(Judge(kDelete, Number(1), 5, 6, there, perhaps), std::nullopt);
  EXPECT_EQ(Judge(kDelete, Number(2), 5, 6, there, perhaps), std::nullopt);
  EXPECT_EQ(Judge(kDelete, Number(2), 5, 6, there, own(Named("b").Write("x", 1, 2).Refused())),
            FailureKind::kWrongReply);
}

TEST(JoinedReads, ADeletionFindsAKeyAgainWhereSomebodyWritesIt) {
  const std::vector<Bytes> twice = {"DEL", "a", "a"};
  const auto judge = [&](int64_t count, const RegisterBuilder& a) {
    return Asked(twice, Number(count), 5, 6, {a}).Judge();
  };
  const auto there = Named("a").Write("x", 1, 2);
  EXPECT_EQ(judge(1, there), std::nullopt);
  EXPECT_EQ(judge(0, there), FailureKind::kWrongReply);
  EXPECT_EQ(judge(2, there), FailureKind::kWrongReply);
  auto again = there;
  again.Write("y", 4, 9);
  EXPECT_EQ(judge(1, again), std::nullopt);
  EXPECT_EQ(judge(2, again), std::nullopt);
  auto late = there;
  late.Write("y", 3, 4).Unknown();
  EXPECT_EQ(judge(2, late), std::nullopt) << "it may be executed in between";
  EXPECT_EQ(judge(1, Named("a").Write("x", 1, 2).Delete(3, 4)), FailureKind::kWrongReply);
}

TEST(JoinedReads, TellsWhichKeysWereDeletedWhereThatMustBeSo) {
  const std::vector<Bytes> three = {"DEL", "a", "b", "c"};
  const auto there = [](std::string key) { return Named(std::move(key)).Write("x", 1, 2); };
  const auto maybe = [](std::string key) { return Named(std::move(key)).Write("x", 4, 9); };
  const auto gone = [](std::string key) { return Named(std::move(key)); };
  using Keys = std::vector<Bytes>;
  const Asked plain(three, Number(1), 5, 6, {gone("a"), there("b"), gone("c")});
  EXPECT_EQ(plain.Decided(Fate::kAcknowledged), Keys{"b"});
  EXPECT_EQ(plain.Decided(Fate::kRefused), (Keys{"a", "c"}));
  const Asked all(three, Number(2), 5, 6, {maybe("a"), there("b"), gone("c")});
  EXPECT_EQ(all.Decided(Fate::kAcknowledged), (Keys{"a", "b"})) << "the count needs both";
  const Asked none(three, Number(1), 5, 6, {maybe("a"), there("b"), gone("c")});
  EXPECT_EQ(none.Decided(Fate::kAcknowledged), Keys{"b"});
  EXPECT_EQ(none.Decided(Fate::kRefused), (Keys{"a", "c"}));
  const Asked open(three, Number(2), 5, 6, {maybe("a"), there("b"), maybe("c")});
  EXPECT_EQ(open.Decided(Fate::kAcknowledged), Keys{"b"});
  EXPECT_EQ(open.Decided(Fate::kRefused), Keys());
  const Asked whole(three, Number(3), 5, 6, {there("a"), there("b"), there("c")});
  EXPECT_EQ(whole.Decided(Fate::kAcknowledged), Keys()) << "the answer alone says it";
  EXPECT_TRUE(plain.LeavesOpen("a") && plain.LeavesOpen("b") && !plain.LeavesOpen("d"));
  EXPECT_FALSE(whole.LeavesOpen("a"));
  const Asked wrong(three, Number(2), 5, 6, {gone("a"), there("b"), gone("c")});
  EXPECT_EQ(wrong.Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(wrong.Decided(Fate::kAcknowledged), Keys()) << "what is wrong decides nothing";
  const Asked twice({"DEL", "a", "a", "b"}, Number(1), 5, 6, {there("a"), gone("b")});
  EXPECT_EQ(twice.Decided(Fate::kAcknowledged), Keys());
}

TEST(JoinedReads, SeveralKeysAreWrittenWhereEachMayHaveBeenMissing) {
  const std::vector<Bytes> command = {"MSETNX", "a", "1", "b", "2"};
  const auto judge = [&](int64_t reply, const RegisterBuilder& a, const RegisterBuilder& b) {
    return Judge(command, Number(reply), 5, 6, a, b);
  };
  const auto written = [](RegisterBuilder key, std::string value) {
    key.Write(std::move(value), 5, 6).By(7).Numbered(Asked::kOperation);
    return key;
  };
  const auto held = Named("a").Write("x", 1, 2);
  const auto gone = Named("b").Write("x", 1, 2).Delete(3, 4);
  EXPECT_EQ(judge(1, written(Named("a"), "1"), written(gone, "2")), std::nullopt);
  EXPECT_EQ(judge(1, written(held, "1"), written(gone, "2")), FailureKind::kWrongReply);
  EXPECT_EQ(judge(0, held, gone), std::nullopt);
  EXPECT_EQ(judge(0, Named("a"), gone), FailureKind::kWrongReply) << "nothing held it";
  const auto refused = [](RegisterBuilder key, std::string value) {
    key.Write(std::move(value), 5, 6).By(7).Numbered(Asked::kOperation).Refused();
    return key;
  };
  EXPECT_EQ(judge(0, refused(Named("a"), "1"), gone), FailureKind::kWrongReply);
  const auto other = Named("a").Write("x", 4, 9);
  EXPECT_EQ(judge(1, written(other, "1"), written(gone, "2")), std::nullopt) << "both may write";
  EXPECT_EQ(judge(0, other, gone), std::nullopt);
  EXPECT_EQ(judge(2, Named("a"), gone), FailureKind::kWrongReply);
  const auto perhaps = Named("a").Write("x", 1, 2).Unknown();
  EXPECT_EQ(judge(1, written(perhaps, "1"), written(gone, "2")), std::nullopt);
  EXPECT_EQ(judge(0, perhaps, gone), std::nullopt);
}

TEST(JoinedReads, CountsKeysThatAreNotKnownAsThereOrNot) {
  const auto there = Named("a").Write("x", 1, 2);
  const auto number = Named("b").Add(1, 1, 2);
  for (const auto& command : {kExists, kDelete}) {
    EXPECT_EQ(Judge(command, Number(0), 3, 4, there, number), FailureKind::kWrongReply);
    EXPECT_EQ(Judge(command, Number(1), 3, 4, there, number), std::nullopt);
    EXPECT_EQ(Judge(command, Number(2), 3, 4, there, number), std::nullopt);
    EXPECT_EQ(Judge(command, Number(3), 3, 4, there, number), FailureKind::kWrongReply);
  }
}

TEST(JoinedReads, OneFieldDoesNotTellWhetherAHashIsThere) {
  const auto there = Named("a").Write("x", 1, 2);
  const auto field = Named("b").Field("f").Write("x", 1, 2).Delete(3, 4);
  EXPECT_EQ(Judge(kExists, Number(1), 5, 6, there, field), std::nullopt);
  EXPECT_EQ(Judge(kExists, Number(2), 5, 6, there, field), std::nullopt);
}

TEST(JoinedReads, DemandsNothingOfKeysThatAreNotKnown) {
  const auto a = Named("a").Write("x", 1, 2);
  EXPECT_EQ(Judge(kLcs, Text("zzz"), 3, 4, a, Named("b").Add(1, 1, 2)), std::nullopt);
  EXPECT_EQ(Judge(kLcs, Text("zzz"), 3, 4, a, Named("other")), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
