// SPDX-License-Identifier: Apache-2.0
// The three formats of files: what they mean, and that a bad line is named with its reason.
#include "sim/check/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/check/checker.h"
#include "sim/check/text_format.h"
#include "tests/sim/check/make_history.h"

namespace quorate::sim::check {
namespace {

using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Complaint(std::string_view file, FileFormat format) {
  const absl::StatusOr<History> history = ParseHistory(file, format);
  return history.ok() ? "none" : MessageOf(history.status());
}

History Parsed(std::string_view file, FileFormat format) {
  absl::StatusOr<History> history = ParseHistory(file, format);
  EXPECT_TRUE(history.ok()) << history.status();
  return history.ok() ? *std::move(history) : History();
}

std::string Text(std::string_view lines) {
  return std::string(kTextHeader) + "\n" + std::string(lines);
}

TEST(TextFormat, HoldsEveryActionAndSurvivesBeingWritten) {
  const std::string file = Text(
      "1 2 0 key read nil\n"
      "1 ? 1 \"a key\" write \"nil\"\n"
      "3 9 2 key cas 1 \"a \\\"b\\\" \\\\ \\x00\\xff\"\n"
      "4 4 3 key cas-miss nil 2\n"
      "5 18446744073 4 \"\" append \"\"\n");
  const History history = Parsed(file, FileFormat::kText);
  ASSERT_THAT(history.operations, SizeIs(5));
  EXPECT_EQ(history.operations[0].value, kNil);
  EXPECT_EQ(history.operations[1].returned, kNever);
  EXPECT_EQ(history.values.text(history.operations[1].value), "nil");
  EXPECT_EQ(history.values.text(history.operations[2].value),
            std::string_view("a \"b\" \\ \0\xff", 11).substr(0, 10));
  EXPECT_EQ(EncodeText(history), file);
}

TEST(TextFormat, LeavesOutCommentsAndEmptyLines) {
  EXPECT_THAT(Parsed(Text("# what\n\n1 2 0 k read nil\n"), FileFormat::kText).operations,
              SizeIs(1));
}

TEST(TextFormat, NamesTheBadLineAndItsReason) {
  const auto complaint = [](std::string_view line) {
    return Complaint(Text("1 2 0 k read nil\n" + std::string(line) + "\n"), FileFormat::kText);
  };
  EXPECT_EQ(complaint("x 2 0 k read nil"), "line 3: the time of the call is no time");
  EXPECT_EQ(complaint("1 - 0 k read nil"), "line 3: the time of the return is no time and no '?'");
  EXPECT_EQ(complaint("3 2 0 k read nil"), "line 3: the return is before the call");
  EXPECT_EQ(complaint("9223372036854775807 9223372036854775807 0 k read nil"),
            "line 3: the time of the call is no time");
  EXPECT_EQ(complaint("1 2 -1 k read nil"), "line 3: the process is no number of 32 bits");
  EXPECT_EQ(complaint("1 2 0 nil read nil"), "line 3: nil is no key");
  EXPECT_EQ(complaint("1 2 0 k look nil"),
            "line 3: the action is not read, write, cas, cas-miss or append");
  EXPECT_EQ(complaint("1 2 0 k read"), "line 3: the line ends too early");
  EXPECT_EQ(complaint("1 2 0 k read a b"), "line 3: there is more behind the operation");
  EXPECT_EQ(complaint("1 2 0 k read a "), "line 3: there is more behind the operation");
  EXPECT_EQ(complaint("1  2 0 k read a"), "line 3: a field is empty");
  EXPECT_EQ(complaint("1 2 0 k read a\r"), "line 3: a text with this character needs quotes");
  EXPECT_EQ(complaint("1 2 0 k read \"a"),
            R"(line 3: a quoted text has no end, or an escape other than \" \\ \xHH)");
  EXPECT_EQ(complaint("1 2 0 \"a\"b read a"), "line 3: a quoted text ends within a field");
  EXPECT_EQ(complaint("1 2 0 k append nil"), "line 3: nil cannot be appended");
}

TEST(TextFormat, KnowsItsVersionAndWholeFiles) {
  EXPECT_EQ(Complaint("quorate-history 2\n", FileFormat::kText),
            "line 1: another version of the format than 'quorate-history 1'");
  EXPECT_EQ(Complaint("history\n", FileFormat::kText), "line 1: is not 'quorate-history 1'");
  EXPECT_EQ(Complaint("", FileFormat::kText), "line 1: the file is empty");
  EXPECT_EQ(Complaint(Text("1 2 0 k read n"), FileFormat::kText),
            "line 2: the file ends within the line: it may be cut short");
}

TEST(JepsenLog, PairsEvents) {
  const History history = Parsed(
      "INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"
      "INFO  jepsen.util - 1\t:invoke\t:write\t3\n"
      "INFO  jepsen.util - 1\t:ok\t:write\t3\n"
      "INFO  jepsen.util - 0\t:ok\t:read\t3\n"
      "INFO  jepsen.util - 2   :invoke :cas    [3 4]\n"
      "INFO  jepsen.util - 3   :invoke :cas    [5 6]\n"
      "INFO  jepsen.util - 2   :info   :cas    :timed-out\n"
      "INFO  jepsen.util - 3   :fail   :cas    [5 6]\n"
      "INFO  jepsen.util - 4   :invoke :read   nil\n"
      "INFO  jepsen.util - 4   :fail   :read   :timed-out\n"
      "INFO  jepsen.util - 5   :invoke :write  7\n",
      FileFormat::kJepsenLog);
  EXPECT_EQ(EncodeText(history), Text("2 3 1 \"\" write 3\n"
                                      "1 4 0 \"\" read 3\n"
                                      "5 ? 2 \"\" cas 3 4\n"
                                      "6 8 3 \"\" cas-miss 5 6\n"
                                      "11 ? 5 \"\" write 7\n"));
}

TEST(JepsenLog, NamesTheBadLineAndItsReason) {
  const auto complaint = [](std::string_view lines) {
    return Complaint(lines, FileFormat::kJepsenLog);
  };
  EXPECT_EQ(complaint("WARN something\n"), "line 1: does not begin with 'INFO  jepsen.util - '");
  EXPECT_EQ(complaint("INFO  jepsen.util - x :invoke :read nil\n"),
            "line 1: a word is no keyword, integer, string or nil");
  EXPECT_EQ(complaint("INFO  jepsen.util - 0 :begin :read nil\n"),
            "line 1: the type is not :invoke, :ok, :fail or :info");
  EXPECT_EQ(complaint("INFO  jepsen.util - 0 :invoke :look nil\n"),
            "line 1: no operation is called :look");
  EXPECT_EQ(complaint("INFO  jepsen.util - 0 :invoke :cas [1]\n"),
            "line 1: a value is no nil, integer or string");
  EXPECT_EQ(complaint("INFO  jepsen.util - 0 :invoke :cas 1\n"),
            "line 1: cas is invoked with two values");
  EXPECT_EQ(complaint("INFO  jepsen.util - 0 :invoke :read nil nil\n"),
            "line 1: there is more behind the event");
  EXPECT_EQ(complaint("INFO  jepsen.util - 0 :ok :read nil\n"),
            "line 1: process 0 completes what it did not invoke");
  const std::string write = "INFO  jepsen.util - 0 :invoke :write 1\n";
  EXPECT_EQ(complaint(write + write),
            "line 2: process 0 invokes while its operation of line 1 is open");
  EXPECT_EQ(complaint(write + "INFO  jepsen.util - 0 :ok :write 2\n"),
            "line 2: process 0 completes with other values than it invoked in line 1");
  EXPECT_EQ(complaint(write + "INFO  jepsen.util - 0 :ok :read 1\n"),
            "line 2: process 0 completes another operation than it invoked in line 1");
  EXPECT_EQ(complaint("\n"), "line 1: the file has no event");
}

TEST(Edn, TakesEntriesInAnyOrder) {
  const History history = Parsed(
      "{:process 0, :type :invoke, :f :append, :key \"0\", :value \"x 0 y\"}\n"
      "{:value \"x 0 y\" :f :append :key \"0\" :type :ok :process 0}\n"
      "{:process 0, :type :invoke, :f :put, :key 7, :value \"\\\"\\\\\\n\"}\n",
      FileFormat::kEdn);
  EXPECT_EQ(EncodeText(history),
            Text("1 2 0 0 append \"x 0 y\"\n3 ? 0 7 write \"\\\"\\\\\\x0a\"\n"));
}

TEST(Edn, NamesTheBadLineAndItsReason) {
  const auto complaint = [](std::string_view line) { return Complaint(line, FileFormat::kEdn); };
  EXPECT_EQ(complaint("[]\n"), "line 1: is no map");
  EXPECT_EQ(complaint("{:process 0, :process 0}\n"), "line 1: has :process twice");
  EXPECT_EQ(complaint("{:process 0, :type :invoke, :f :get}\n"), "line 1: has no :value");
  EXPECT_EQ(complaint("{:process 0, :when 3}\n"), "line 1: an event has no :when");
  EXPECT_EQ(complaint("{:process 0\n"), "line 1: the name of an entry is no keyword");
  EXPECT_EQ(complaint("{:process 0, :type :invoke, :f :get, :value nil} x\n"),
            "line 1: a word is no keyword, integer, string or nil");
  EXPECT_EQ(complaint("{:value \"a}\n"), "line 1: a string has no end");
  EXPECT_EQ(complaint("{:process 99999999999}\n"), "line 1: the process is no number of 32 bits");
}

TEST(Formats, AreTellableByTheirFirstLine) {
  EXPECT_EQ(FormatOf("quorate-history 1\n"), FileFormat::kText);
  EXPECT_EQ(FormatOf("INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"), FileFormat::kJepsenLog);
  EXPECT_EQ(FormatOf("{:process 0}"), FileFormat::kEdn);
  EXPECT_EQ(FormatOf("something"), std::nullopt);
  for (const FileFormat format : {FileFormat::kText, FileFormat::kJepsenLog, FileFormat::kEdn}) {
    EXPECT_EQ(FormatNamed(NameOf(format)), format);
  }
}

TEST(Formats, AMadeHistorySurvivesBeingWrittenAndReadAgain) {
  History history = MakeHistory({.operations = 2000,
                                 .clients = 7,
                                 .keys = 5,
                                 .cas_share = 20,
                                 .unknown_share = 5,
                                 .values = 9});
  const std::string file = EncodeText(history);
  History again = Parsed(file, FileFormat::kText);
  EXPECT_EQ(EncodeText(again), file);
  const absl::StatusOr<Findings> findings = CheckHistory(again, Model::kRegister);
  ASSERT_TRUE(findings.ok());
  EXPECT_EQ(findings->verdict, Verdict::kLinearizable);
}

}  // namespace
}  // namespace quorate::sim::check
