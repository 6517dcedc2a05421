// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "engine/commands/glob.h"
#include "engine/commands/hash_scan.h"
#include "engine/commands/scan_options.h"
#include "tests/engine/commands/replica_harness.h"

namespace quorate::commands {
namespace {

// Executes a command on `replica` and gives the bulk strings of the reply.
class BulkCollector final : public ReplySink {
 public:
  void Simple(std::string_view) override {}
  void Error(std::string_view) override {}
  void Integer(int64_t) override {}
  void Bulk(std::string_view bytes) override { bulks.emplace_back(bytes); }
  void Null() override {}
  void NullArray() override {}
  void Double(double) override {}
  void Bool(bool) override {}
  void Verbatim(std::string_view) override {}
  void Array(size_t) override {}
  void Map(size_t) override {}
  void Set(size_t) override {}

  std::vector<std::string> bulks;
};

std::vector<std::string> Bulks(Replica& replica, const std::vector<std::string>& args) {
  const std::vector<std::string_view> views(args.begin(), args.end());
  const keyspace::Keyspace& keyspace = replica.keyspace();
  const keyspace::Object* object = keyspace.Find(keyspace.PlaceOf(args[1]), args[1]);
  Bytes mutation;
  BulkCollector collector;
  KeyContext context{.args = views,
                     .key = views[1],
                     .object = keyspace.View(object),
                     .now = {},
                     .stamp = {},
                     .seed = 1,
                     .sole_owner = true,
                     .planted = PlantedBug::kNone,
                     .string_bytes_max = 1 << 20,
                     .mutation = mutation,
                     .reply = collector};
  FindCommand(args[0])->execute(context);
  EXPECT_TRUE(mutation.empty());
  return collector.bulks;
}

rc::Gen<std::string> AnyFieldName() {
  return rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 400)),
                      [](const std::pair<int, int>& drawn) -> std::string {
                        const std::string number = std::to_string(drawn.second);
                        if (drawn.first == 0) return number;
                        if (drawn.first == 1) return "a long common prefix:" + number;
                        if (drawn.first == 2) {
                          return "a long common prefix:" +
                                 std::string(static_cast<size_t>(drawn.second % 9), '\0');
                        }
                        return std::string(static_cast<size_t>(drawn.second % 200), 'x');
                      });
}

void SetField(Replica& replica, const std::string& name) { replica.Run({"HSET", "h", name, "v"}); }

// The promise of SCAN: a field that is there from the first call to the last is given at least
// once.
RC_GTEST_PROP(HScan, GivesEveryFieldThatStays, ()) {
  Replica replica;
  const auto stay = *rc::gen::container<std::set<std::string>>(AnyFieldName());
  const auto others = *rc::gen::container<std::vector<std::string>>(AnyFieldName());
  const std::string count = std::to_string(*rc::gen::inRange(1, 8));
  for (const std::string& name : stay) SetField(replica, name);
  for (size_t i = 0; i < others.size(); i += 2) SetField(replica, others[i]);
  RC_PRE(!stay.empty());
  std::set<std::string> given;
  std::string cursor = "0";
  size_t calls = 0;
  do {
    const auto page = Bulks(replica, {"hscan", "h", cursor, "COUNT", count});
    cursor = page[0];
    RC_ASSERT(cursor.size() < 20u);  // below 2^63
    for (size_t i = 1; i < page.size(); i += 2) given.insert(page[i]);
    if (calls < others.size()) {  // the hash changes between the calls
      const std::string& name = others[calls];
      if (calls % 2 == 0 && !stay.contains(name)) replica.Run({"HDEL", "h", name});
      if (calls % 2 == 1) SetField(replica, name);
    }
    RC_ASSERT(++calls < 3000u);
  } while (cursor != "0");
  for (const std::string& name : stay) RC_ASSERT(given.contains(name));
}

TEST(HScan, GivesAQuietHashOnceAndInPages) {
  Replica replica;
  for (int i = 0; i < 1000; ++i) SetField(replica, "field:" + std::to_string(i));
  std::multiset<std::string> given;
  std::string cursor = "0";
  int calls = 0;
  do {
    const auto page = Bulks(replica, {"hscan", "h", cursor, "COUNT", "20"});
    cursor = page[0];
    EXPECT_LE(page.size(), 41u);
    for (size_t i = 1; i < page.size(); i += 2) given.insert(page[i]);
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(given.size(), 1000u);
  EXPECT_EQ(std::set<std::string>(given.begin(), given.end()).size(), 1000u);
  EXPECT_EQ(calls, 50);
}

TEST(HScan, ACursorOfAnotherPrefixGivesAllAndEnds) {
  Replica replica;
  for (int i = 0; i < 100; ++i) SetField(replica, "field:" + std::to_string(i));
  const auto first = Bulks(replica, {"hscan", "h", "0", "COUNT", "10"});
  SetField(replica, "other");
  const auto rest = Bulks(replica, {"hscan", "h", first[0], "COUNT", "10"});
  EXPECT_EQ(rest[0], "0");
  EXPECT_EQ(rest.size(), 1u + 2 * 101);
}

TEST(HRandField, ChoosesByTheSeedAlone) {
  Replica replica;
  for (int i = 0; i < 100; ++i) SetField(replica, std::to_string(i));
  replica.set_seed(7);
  const std::string chosen = replica("HRANDFIELD h 5");
  EXPECT_EQ(replica("HRANDFIELD h 5"), chosen);
  replica.set_seed(8);
  EXPECT_NE(replica("HRANDFIELD h 5"), chosen);
}

RC_GTEST_PROP(HRandField, GivesDistinctFieldsForAPositiveCount, ()) {
  Replica replica;
  const int size = *rc::gen::inRange(1, 40);
  const int count = *rc::gen::inRange(1, 60);
  for (int i = 0; i < size; ++i) SetField(replica, std::to_string(i));
  replica.set_seed(*rc::gen::arbitrary<uint64_t>());
  const auto chosen = Bulks(replica, {"hrandfield", "h", std::to_string(count)});
  const std::set<std::string> distinct(chosen.begin(), chosen.end());
  RC_ASSERT(distinct.size() == chosen.size());
  RC_ASSERT(chosen.size() == static_cast<size_t>(std::min(size, count)));
  RC_ASSERT(Bulks(replica, {"hrandfield", "h", std::to_string(-count)}).size() ==
            static_cast<size_t>(count));
}

TEST(HRandField, EveryFieldHasItsTurn) {
  Replica replica;
  for (int i = 0; i < 10; ++i) SetField(replica, std::to_string(i));
  std::map<std::string, int> turns;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    replica.set_seed(seed);
    ++turns[replica("HRANDFIELD h")];
  }
  EXPECT_EQ(turns.size(), 10u);
  for (const auto& [field, times] : turns) {
    EXPECT_GT(times, 50) << field;
    EXPECT_LT(times, 200) << field;
  }
}

TEST(ScanOptions, ParseCursorAsRedisDoes) {
  EXPECT_EQ(ParseCursor("0"), 0u);
  EXPECT_EQ(ParseCursor(""), 0u);
  EXPECT_EQ(ParseCursor("18446744073709551615"), ~uint64_t{0});
  EXPECT_EQ(ParseCursor("-1"), ~uint64_t{0});
  EXPECT_EQ(ParseCursor("007"), 7u);
  for (const char* text : {"18446744073709551616", " 1", "1 ", "x", "-", "+", "1x", "--1"}) {
    EXPECT_FALSE(ParseCursor(text).has_value()) << text;
  }
}

TEST(ScanOptions, TypeIsForScanAlone) {
  const std::vector<std::string_view> options = {"TYPE", "String", "COUNT", "5", "MATCH", "a*"};
  ScanOptions parsed;
  EXPECT_EQ(ParseScanOptions(options, true, parsed), "");
  EXPECT_EQ(parsed.count, 5u);
  EXPECT_TRUE(parsed.TypeMatches(keyspace::ObjectType::kString));
  EXPECT_FALSE(parsed.TypeMatches(keyspace::ObjectType::kHash));
  EXPECT_TRUE(parsed.NameMatches("abc"));
  EXPECT_FALSE(parsed.NameMatches("bc"));
  EXPECT_EQ(ParseScanOptions(options, false, parsed), "ERR syntax error");
}

struct GlobRow {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

TEST(Glob, MatchesAsRedisDoes) {
  constexpr GlobRow kRows[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "abc", true},
      {"***", "abc", true},
      {"?", "", false},
      {"?", "a", true},
      {"a?c", "abc", true},
      {"a*c", "abbc", true},
      {"a*c", "abbd", false},
      {"*b*", "abc", true},
      {"a*b*c", "axbxc", true},
      {"a*b*c", "axxc", false},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[^abc]", "b", false},
      {"[^abc]", "d", true},
      {"[a-c]", "b", true},
      {"[c-a]", "b", true},
      {"[a-c]x", "bx", true},
      {"[", "[", false},
      {"[a", "a", true},
      {"[]", "a", false},
      {"[^]", "a", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a\\", "a\\", true},
      {"[\\]]", "]", true},
      {"[a-]", "-", false},
      {"[a-]", "_", true},
      {"h[ae]llo", "hello", true},
      {"ABC", "abc", false},
      {"a**", "a", true},
      {"*a", "ba", true},
  };
  for (const GlobRow& row : kRows) {
    EXPECT_EQ(GlobMatches(row.pattern, row.text), row.matches) << row.pattern << " " << row.text;
  }
  EXPECT_TRUE(GlobMatches("MAX*", "maxmemory", true));
  EXPECT_TRUE(GlobMatches("[A-C]", "b", true));
}

RC_GTEST_PROP(Glob, APlainTextMatchesItselfAlone, (const std::string& text)) {
  std::string escaped;
  for (const char c : text) escaped += {'\\', c};
  RC_ASSERT(GlobMatches(escaped, text));
  RC_ASSERT(!GlobMatches(escaped, text + "x"));
  RC_ASSERT(GlobMatches("*" + escaped + "*", "before" + text + "after"));
}

TEST(Glob, ManyStarsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 5000; ++i) pattern += "a*";
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(20'000, 'a')));
  EXPECT_TRUE(GlobMatches("*", std::string(5'000'000, 'a')));
}

}  // namespace
}  // namespace quorate::commands
