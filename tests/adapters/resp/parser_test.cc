// SPDX-License-Identifier: Apache-2.0
// Requests and protocol errors, as one piece and cut at every byte.
#include "adapters/resp/parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "adapters/resp/client_codec.h"

namespace quorate::resp {
namespace {

using Requests = std::vector<std::vector<std::string>>;

struct Outcome {
  Requests requests;
  std::string error;
  size_t ignored = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

constexpr RequestParser::Limits kLimits = {.bulk_bytes_max = 512 * 1024 * 1024,
                                           .authenticated = true};

// Feeds `stream` in pieces that end at `cuts`; between the pieces the input moves.
Outcome Parse(const std::string& stream, const std::vector<size_t>& cuts = {},
              const RequestParser::Limits& limits = kLimits) {
  Outcome outcome;
  RequestParser parser;
  parser.SetLimits(limits);
  size_t consumed = 0;
  std::vector<size_t> ends = cuts;
  ends.push_back(stream.size());
  std::string unread;  // inline requests are unquoted in place
  size_t given = 0;
  for (const size_t end : ends) {
    std::string moved(unread.size() + (end - given), '\0');
    unread.copy(moved.data(), unread.size());
    stream.copy(moved.data() + unread.size(), end - given, given);
    given = end;
    unread.swap(moved);
    moved.assign(moved.size(), '#');
    for (bool more = true; more;) {
      switch (parser.Next(unread)) {
        case RequestParser::Step::kMore:
          more = false;
          continue;
        case RequestParser::Step::kError:
          outcome.error = parser.error();
          return outcome;
        case RequestParser::Step::kRequest: {
          std::vector<std::string> arguments;
          for (size_t i = 0; i < parser.arguments(); ++i) {
            arguments.emplace_back(parser.Argument(unread.data(), i));
          }
          outcome.requests.push_back(arguments);
          break;
        }
        case RequestParser::Step::kIgnored:
          ++outcome.ignored;
          break;
      }
      consumed += parser.consumed();
      unread.erase(0, parser.consumed());
    }
  }
  EXPECT_LE(consumed, stream.size());
  return outcome;
}

std::vector<size_t> EveryByte(size_t size) {
  std::vector<size_t> cuts;
  for (size_t i = 1; i < size; ++i) cuts.push_back(i);
  return cuts;
}

struct Case {
  std::string stream;
  Outcome expected;
};

// The streams of Redis' own protocol tests, and the borders of the rules behind them.
const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"*1\r\n$4\r\nPING\r\n", {{{"PING"}}, "", 0}},
      {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", {{{"SET", "k", ""}}, "", 0}},
      {"PING\r\nPING\n", {{{"PING"}, {"PING"}}, "", 0}},
      {"\r\n\n  \r\nPING\r\n", {{{"PING"}}, "", 3}},
      {"*0\r\n*-1\r\n*-10\r\n*1\r\n$4\r\nPING\r\n", {{{"PING"}}, "", 3}},
      {"*1\r\n$4\r\nPINGxy*1\r\n$4\r\nPONG\r\n", {{{"PING"}, {"PONG"}}, "", 0}},
      {"*3000000000\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*2147483648\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*01\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*+1\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*-0\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*blabla\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*9999999999999999999999\r\n", {{}, "Protocol error: invalid multibulk length", 0}},
      {"*1\r\nfoo\r\n", {{}, "Protocol error: expected '$', got 'f'", 0}},
      {"*1\r\n\r\n", {{}, "Protocol error: expected '$', got '\r'", 0}},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", {{}, "Protocol error: expected '$', got 'f'", 0}},
      {"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n", {{}, "Protocol error: invalid bulk length", 0}},
      {"*1\r\n$2000000000\r\n", {{}, "Protocol error: invalid bulk length", 0}},
      {"*1\r\n$536870913\r\n", {{}, "Protocol error: invalid bulk length", 0}},
      {"*1\r\n$blabla\r\n", {{}, "Protocol error: invalid bulk length", 0}},
      {"*1\r\n$\r\n", {{}, "Protocol error: invalid bulk length", 0}},
      {"*1\r\n$04\r\nPING\r\n", {{}, "Protocol error: invalid bulk length", 0}},
      {"*1\r\n$4\r\nPING\r\n*x\r\n", {{{"PING"}}, "Protocol error: invalid multibulk length", 0}},
      {"set \"\"\"test-key\"\"\" v\r\n", {{}, "Protocol error: unbalanced quotes in request", 0}},
      {"get \"open\r\n", {{}, "Protocol error: unbalanced quotes in request", 0}},
      {"get 'open\r\n", {{}, "Protocol error: unbalanced quotes in request", 0}},
      {"get \"a\"b\r\n", {{}, "Protocol error: unbalanced quotes in request", 0}},
      {"get \"a\\\r\n", {{}, "Protocol error: unbalanced quotes in request", 0}},
      {"set k \"a\\x41\\n\\r\\t\\b\\a\\q\\\"\\xZZ\" 'it\\'s\\n'\r\n",
       {{{"set", "k", "aA\n\r\t\b\aq\"xZZ", "it's\\n"}}, "", 0}},
      {"  set\tk  \"\" ''  \r\n", {{{"set", "k", "", ""}}, "", 0}},
      {"pre\"fix\" a'b c'\r\n", {{{"prefix", "ab c"}}, "", 0}},
      {"\"a\"\v'b'\fc\r\n", {{{"a", "b", "c"}}, "", 0}},
  };
  return cases;
}

TEST(RequestParser, FindsRequestsAndErrorsAsRedisDoes) {
  for (const Case& test : Cases()) {
    EXPECT_EQ(Parse(test.stream), test.expected) << test.stream;
  }
}

TEST(RequestParser, FindsTheSameWhereverTheStreamIsCut) {
  for (const Case& test : Cases()) {
    EXPECT_EQ(Parse(test.stream, EveryByte(test.stream.size())), test.expected) << test.stream;
    for (size_t cut = 1; cut < test.stream.size(); ++cut) {
      EXPECT_EQ(Parse(test.stream, {cut}), test.expected) << cut << " of " << test.stream;
    }
  }
}

TEST(RequestParser, WaitsForEveryMissingByte) {
  const std::string stream = "*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n";
  for (size_t size = 0; size < stream.size(); ++size) {
    EXPECT_EQ(Parse(stream.substr(0, size)), Outcome()) << size;
  }
}

TEST(RequestParser, TakesAnyByteInBulkStringsAndLines) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  Bytes stream;
  EncodeCommand({"SET", bytes, ""}, stream);
  EXPECT_EQ(Parse(stream).requests, (Requests{{"SET", bytes, ""}}));
  EXPECT_EQ(Parse(std::string("a\0b c\n", 6)).requests, (Requests{{std::string("a\0b", 3), "c"}}));
}

TEST(RequestParser, RefusesLinesThatDoNotEnd) {
  const std::string fill(kLineBytesMax, '1');
  EXPECT_EQ(Parse(fill), Outcome());
  EXPECT_EQ(Parse(fill + "\n").requests.size(), 1u);
  EXPECT_EQ(Parse(fill + "1").error, "Protocol error: too big inline request");
  EXPECT_EQ(Parse(fill + "1\n").error, "Protocol error: too big inline request");
  EXPECT_EQ(Parse("*" + fill), Outcome());
  EXPECT_EQ(Parse("*1" + fill).error, "Protocol error: too big mbulk count string");
  EXPECT_EQ(Parse("*1\r\n" + fill), Outcome());
  EXPECT_EQ(Parse("*1\r\n$" + fill).error, "Protocol error: too big bulk count string");
  EXPECT_EQ(Parse("*1" + fill, {3, 1000, kLineBytesMax}).error,
            "Protocol error: too big mbulk count string");
}

TEST(RequestParser, KeepsTheUnauthenticatedShort) {
  const RequestParser::Limits limits = {.bulk_bytes_max = kLimits.bulk_bytes_max,
                                        .authenticated = false};
  EXPECT_EQ(Parse("*10\r\n", {}, limits), Outcome());
  EXPECT_EQ(Parse("*11\r\n", {}, limits).error, "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(Parse("*1\r\n$16384\r\n", {}, limits), Outcome());
  EXPECT_EQ(Parse("*1\r\n$16385\r\n", {}, limits).error,
            "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(Parse("*1\r\n$536870913\r\n", {}, limits).error, "Protocol error: invalid bulk length");
}

TEST(RequestParser, BoundsTheWholeRequest) {
  const RequestParser::Limits limits = {.bulk_bytes_max = size_t{1} << 40, .authenticated = true};
  EXPECT_EQ(Parse("*1\r\n$1073741000\r\n", {}, limits), Outcome());
  EXPECT_EQ(Parse("*1\r\n$1073741824\r\n", {}, limits).error,
            "Protocol error: request exceeds the query buffer limit");
}

TEST(RequestParser, SaysHowMuchInputABulkStringNeeds) {
  RequestParser parser;
  parser.SetLimits(kLimits);
  std::string input = "*2\r\n$1\r\na\r\n$1000000\r\nxyz";
  EXPECT_EQ(parser.Next(input), RequestParser::Step::kMore);
  EXPECT_EQ(parser.input_wanted(), input.size() - 3 + 1000000 + 2);
}

RC_GTEST_PROP(RequestParser, ReadsWhatTheClientEncodes, ()) {
  const auto requests = *rc::gen::container<Requests>(
      rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::string>>()));
  Bytes stream;
  for (const auto& request : requests) {
    EncodeCommand(std::vector<std::string_view>(request.begin(), request.end()), stream);
  }
  std::vector<size_t> cuts =
      *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, stream.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(Parse(stream, cuts) == (Outcome{requests, "", 0}));
}

RC_GTEST_PROP(RequestParser, DoesNotDependOnCutsOfAnyStream, ()) {
  const auto tokens = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("*1\r\n", "*2\r\n", "$1\r\n", "$3\r\n", "a\r\n", "abc\r\n",
                                    "\r\n", "\n", "\"", "'", "\\", "x", " ", "*", "$", "-1"));
  std::string stream;
  for (const std::string& token : tokens) stream += token;
  std::vector<size_t> cuts =
      *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, stream.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(Parse(stream, cuts) == Parse(stream));
}

}  // namespace
}  // namespace quorate::resp
