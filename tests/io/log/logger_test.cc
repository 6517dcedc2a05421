// SPDX-License-Identifier: Apache-2.0
#include "io/log/logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "io/log/limits.h"

namespace quorate::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LoggerTest : public ::testing::Test {
 protected:
  Logger Make(LogStyle style, env::LogLevel level) {
    return Logger(
        style, level, [this](std::string_view line) { lines_.emplace_back(line); },
        [this] { return clocks_; });
  }

  std::vector<std::string> lines_;
  Clocks clocks_{Instant(1000s), WallTime{1'700'000'000'123}};
};

TEST_F(LoggerTest, WritesALineForPeople) {
  Logger logger = Make(LogStyle::kText, env::LogLevel::kInfo);
  LogObserver(logger, "shard 0").Log(env::LogLevel::kWarning, "slow\ndisk");
  EXPECT_THAT(lines_, ElementsAre("2023-11-14T22:13:20.123Z warning shard 0: slow\\x0adisk\n"));
}

TEST_F(LoggerTest, WritesAnObjectForMachines) {
  Logger logger = Make(LogStyle::kJson, env::LogLevel::kInfo);
  logger.Log(env::LogLevel::kInfo, "io", "a \"b\" \\ \x01 \xc3\xa9 \xff \xed\xa0\x80");
  EXPECT_THAT(lines_, ElementsAre("{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"info\","
                                  "\"source\":\"io\",\"text\":\"a \\\"b\\\" \\\\ \\u0001 \xc3\xa9 "
                                  "\\ufffd \\ufffd\\ufffd\\ufffd\"}\n"));
}

TEST_F(LoggerTest, CutsLongTexts) {
  Logger logger = Make(LogStyle::kText, env::LogLevel::kInfo);
  logger.Log(env::LogLevel::kInfo, "", std::string(100'000, 'x'));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_LT(lines_[0].size(), kLogTextBytesMax + 100);
}

TEST_F(LoggerTest, ChangesItsLevelWhileItRuns) {
  Logger logger = Make(LogStyle::kText, env::LogLevel::kWarning);
  logger.Log(env::LogLevel::kInfo, "", "before");
  logger.SetLevel(env::LogLevel::kDebug);
  logger.Log(env::LogLevel::kDebug, "", "after");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], HasSubstr("debug after"));
}

TEST_F(LoggerTest, LeavesOutRepetitionsOfOneKindAndSaysHowMany) {
  Logger logger = Make(LogStyle::kText, env::LogLevel::kInfo);
  for (int i = 0; i < 100; ++i) {
    logger.Log(env::LogLevel::kInfo, "", "node " + std::to_string(i) + " is down");
  }
  EXPECT_EQ(lines_.size(), kLogBurst);
  EXPECT_EQ(logger.dropped(), 100 - kLogBurst);
  logger.Log(env::LogLevel::kInfo, "", "another kind");
  EXPECT_EQ(lines_.size(), kLogBurst + 1);
  clocks_.monotonic += kLogPeriod;
  logger.Log(env::LogLevel::kInfo, "", "node 7 is down");
  ASSERT_EQ(lines_.size(), kLogBurst + 3);
  EXPECT_THAT(lines_[kLogBurst + 1], HasSubstr("80 more messages like others were left out"));
  EXPECT_THAT(lines_[kLogBurst + 2], HasSubstr("node 7 is down"));
}

TEST_F(LoggerTest, BoundsTheNumberOfKinds) {
  RateLimit limit;
  const auto name = [](size_t i) {
    std::string text;
    for (; i > 0; i /= 26) text += static_cast<char>('a' + i % 26);
    return text;
  };
  size_t written = 0;
  for (size_t i = 1; i <= kLogKindsMax + 1000; ++i) {
    if (limit.Count("", name(i), clocks_.monotonic).write) ++written;
  }
  EXPECT_EQ(written, kLogKindsMax + kLogBurst);
}

TEST_F(LoggerTest, KeepsLinesWholeFromManyThreads) {
  Logger logger = Make(LogStyle::kText, env::LogLevel::kInfo);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&logger, t] {
      for (int i = 0; i < 1000; ++i) {
        logger.Log(env::LogLevel::kInfo, std::string(1, static_cast<char>('a' + t)), "text");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines_.size(), 4 * kLogBurst);
  EXPECT_EQ(logger.dropped(), 4000 - 4 * kLogBurst);
}

}  // namespace
}  // namespace quorate::io
