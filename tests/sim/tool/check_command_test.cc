// SPDX-License-Identifier: Apache-2.0
// check-history as it is typed: verdicts, exit codes, and one clear line on bad input.
#include "sim/tool/check_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sim/tool/file.h"

namespace quorate::sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Said {
  int code = 0;
  std::string out;
  std::string error;
};

Said Check(std::string_view file, std::vector<std::string_view> flags) {
  const std::string path = testing::TempDir() + "/history";
  EXPECT_TRUE(WriteFile(path, file).ok());
  std::vector<std::string_view> words = {"check-history", path};
  words.insert(words.end(), flags.begin(), flags.end());
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  EXPECT_TRUE(arguments.ok()) << arguments.status();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = CheckHistoryFile(*arguments);
  said.out = testing::internal::GetCapturedStdout();
  said.error = testing::internal::GetCapturedStderr();
  return said;
}

constexpr std::string_view kRight = "quorate-history 1\n1 2 0 k write a\n3 4 0 k read a\n";
constexpr std::string_view kWrong = "quorate-history 1\n1 2 0 k write a\n3 4 0 k read b\n";

TEST(CheckHistory, SaysLinearizableWithZero) {
  const Said said = Check(kRight, {"--model", "register"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, StartsWith("linearizable\n"));
  EXPECT_EQ(Check(kRight, {"--model", "kv", "--format", "text"}).code, 0);
}

TEST(CheckHistory, SaysNotLinearizableWithOneAndShowsTheWindow) {
  const Said said = Check(kWrong, {"--model", "register"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, StartsWith("not linearizable\nkey \"k\", times 3 to 4"));
  EXPECT_THAT(said.out, HasSubstr("read \"b\""));
}

TEST(CheckHistory, SaysUnknownWithTwoAndTheBudget) {
  std::string file = "quorate-history 1\n";
  for (int i = 0; i < 30; ++i) file += Format("1 100 %d k append %d\n", i, i);
  file += "1 100 40 k write x\n200 201 50 k read y\n";
  const Said said = Check(file, {"--model", "kv", "--budget", "500"});
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.out, StartsWith("unknown\n"));
  EXPECT_THAT(said.out, HasSubstr("500 steps"));
}

TEST(CheckHistory, RefusesBadInputWithHundredAndOneLine) {
  const auto refused = [](std::string_view file, std::vector<std::string_view> flags,
                          std::string_view reason) {
    const Said said = Check(file, std::move(flags));
    EXPECT_EQ(said.code, 100);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.error, StartsWith("quorate-sim: check-history: "));
    EXPECT_THAT(said.error, EndsWith(std::string(reason) + "\n"));
  };
  refused(kRight, {}, "--model takes register or kv");
  refused(kRight, {"--model", "queue"}, "--model takes register or kv");
  refused(kRight, {"--model", "kv", "--format", "xml"}, "--format takes text, jepsen-log or edn");
  refused("what\n", {"--model", "kv"}, "line 1: no format begins like this; see --format");
  refused("quorate-history 1\n1 2 0 k\n", {"--model", "kv"}, "line 2: the line ends too early");
  refused("quorate-history 1\n1 2 0 k append a\n", {"--model", "register"},
          "line 2: append is not in this model (register: read, write, cas; kv: read, write, "
          "append)");
  refused(kRight, {"more", "--model", "kv"}, "takes one file");
}

TEST(CheckHistory, RefusesAFileThatIsNotThere) {
  Arguments arguments;
  arguments.operands = {testing::TempDir() + "/no-such-history"};
  arguments.model = "kv";
  testing::internal::CaptureStderr();
  EXPECT_EQ(CheckHistoryFile(arguments), 100);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cannot be opened"));
}

TEST(CheckHistory, ABudgetIsANumberOfSteps) {
  EXPECT_FALSE(ParseArguments({"check-history", "f", "--budget", "0"}).ok());
  EXPECT_FALSE(ParseArguments({"check-history", "f", "--budget", "9999999999"}).ok());
  EXPECT_FALSE(ParseArguments({"check-history", "f", "--budget", "many"}).ok());
}

}  // namespace
}  // namespace quorate::sim
