// SPDX-License-Identifier: Apache-2.0
#include "io/config/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/config/read_config.h"

namespace quorate::io {
namespace {

using ::testing::HasSubstr;

std::string ProblemsOf(const CommandLine& line) {
  std::vector<Problem> problems = line.problems;
  const ConfigResult result = ReadConfig(line.tree);
  problems.insert(problems.end(), result.problems.begin(), result.problems.end());
  return TextOf(problems);
}

std::string ProblemsOf(const std::vector<std::string>& arguments) {
  return ProblemsOf(ParseCommandLine(arguments));
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() /
              ("quorate-flags-" + std::to_string(::getpid()) + ".yaml")) {
    std::ofstream(path_) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(Flags, AreAShorthandForOnePool) {
  const std::vector<std::string> arguments = {"--listen",         "127.0.0.1:7000", "--data",   "d",
                                              "--durability",     "none",           "--shards", "2",
                                              "--maxmemory=64mb", "--insecure"};
  const CommandLine line = ParseCommandLine(arguments);
  EXPECT_EQ(ProblemsOf(line), "");
  const NodeConfig config = ReadConfig(line.tree).config;
  ASSERT_EQ(config.pools.size(), 1U);
  EXPECT_EQ(config.pools[0].listen, "127.0.0.1:7000");
  EXPECT_EQ(config.pools[0].durability, env::Durability::kNone);
  EXPECT_EQ(config.pools[0].memory_bytes_max, 64U << 20);
  EXPECT_EQ(config.data, "d");
  EXPECT_EQ(config.shards, 2);
  EXPECT_TRUE(config.insecure);
}

TEST(Flags, GoOverTheFile) {
  const TemporaryFile file("data: from-file\nlog: {level: error}\npools: [{name: p}]\n");
  const std::vector<std::string> arguments = {"--config",  file.path(), "--data",
                                              "from-flag", "--listen",  "localhost:9"};
  const CommandLine line = ParseCommandLine(arguments);
  EXPECT_EQ(ProblemsOf(line), "");
  const NodeConfig config = ReadConfig(line.tree).config;
  EXPECT_EQ(config.data, "from-flag");
  EXPECT_EQ(config.log_level, env::LogLevel::kError);
  EXPECT_EQ(config.pools[0].name, "p");
  EXPECT_EQ(config.pools[0].listen, "localhost:9");
}

TEST(Flags, OfAPoolAreRefusedWhereTheFileHasSeveral) {
  const TemporaryFile file(
      "pools: [{name: a, listen: 'localhost:1'}, "
      "{name: b, listen: 'localhost:2'}]\n");
  EXPECT_EQ(
      ProblemsOf({"--config", file.path(), "--durability", "none"}),
      "--durability: the file has several pools; set this in the file, at the pool it is for");
}

TEST(Flags, AreRefusedWithTheNearestName) {
  EXPECT_EQ(ProblemsOf({"--lisen", "x"}),
            "unknown flag '--lisen'; did you mean '--listen'?\n"
            "unexpected argument 'x'; see --help");
  EXPECT_EQ(ProblemsOf({"--zebra"}), "unknown flag '--zebra'; see --help");
  EXPECT_EQ(ProblemsOf({"--data"}), "--data: a value is missing: --data DIRECTORY");
  EXPECT_EQ(ProblemsOf({"--data", "--check"}), "--data: a value is missing: --data DIRECTORY");
  EXPECT_EQ(ProblemsOf({"--check=1"}), "--check: it takes no value");
  EXPECT_EQ(ProblemsOf({"--shards", "x"}), "--shards: 'x' is not a whole number from 1 to 256");
}

TEST(Flags, DoNotTakeAPasswordInTheOpen) {
  const std::string problems = ProblemsOf({"--password=hunter2"});
  EXPECT_THAT(problems, HasSubstr("use --password-file"));
  EXPECT_THAT(problems, Not(HasSubstr("hunter2")));
}

TEST(Flags, NameAFileThatCannotBeRead) {
  EXPECT_EQ(ProblemsOf({"--config", "/nonexistent/q.yaml"}),
            "--config: cannot read '/nonexistent/q.yaml': no such file, or no permission");
}

TEST(Flags, AskForHelpWithoutReadingAnything) {
  const std::vector<std::string> arguments = {"--config", "/nonexistent", "--help"};
  const CommandLine line = ParseCommandLine(arguments);
  EXPECT_TRUE(line.help);
  EXPECT_TRUE(line.problems.empty());
  EXPECT_THAT(FlagsHelp(), HasSubstr("--durability LEVEL"));
}

}  // namespace
}  // namespace quorate::io
