// SPDX-License-Identifier: Apache-2.0
// Processes that tell, die, and take too long.
#include "sim/tool/first_of.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

constexpr double kLong = 60.0;

bool Says(const Children::Ended& ended) { return ended.finished && ended.answer == "yes"; }

TEST(FirstOf, TakesTheFirstInOrderHoweverLongItTakes) {
  for (const uint32_t jobs : {1u, 2u, 4u}) {
    const auto search = FirstOf(
        6, jobs, kLong,
        [](size_t number) -> Bytes {
          if (number == 2) ::usleep(100'000);
          return number >= 2 ? "yes" : "no";
        },
        Says);
    ASSERT_TRUE(search.ok()) << search.status();
    ASSERT_TRUE(search->found);
    EXPECT_EQ(search->found->tag, 2u);
    EXPECT_GE(search->seconds, 0.1);
  }
}

TEST(FirstOf, FindsNothingWhereNothingDoes) {
  const auto search = FirstOf(
      5, 2, kLong, [](size_t) { return Bytes("no"); }, Says);
  ASSERT_TRUE(search.ok());
  EXPECT_FALSE(search->found);
  EXPECT_EQ(search->started, 5u);
}

TEST(FirstOf, SeesHowAProcessDied) {
  const auto search = FirstOf(
      3, 2, kLong,
      [](size_t number) -> Bytes {
        if (number == 0) ::_exit(35);
        if (number == 1) ::raise(SIGKILL);
        return "no";
      },
      [](const Children::Ended& ended) { return !ended.finished && ended.code == 128 + SIGKILL; });
  ASSERT_TRUE(search.ok());
  ASSERT_TRUE(search->found);
  EXPECT_EQ(search->found->tag, 1u);
}

TEST(FirstOf, CarriesAnswersLargerThanAPipe) {
  const Bytes large(size_t{3} << 20, 'x');
  const auto search = FirstOf(
      1, 1, kLong, [&](size_t) { return large; },
      [&](const Children::Ended& ended) { return ended.finished && ended.answer == large; });
  ASSERT_TRUE(search.ok());
  EXPECT_TRUE(search->found);
}

TEST(FirstOf, GivesUpWhenTheTimeIsOver) {
  const double began = SteadySeconds();
  const auto search = FirstOf(
      4, 2, 0.2,
      [](size_t) -> Bytes {
        ::sleep(30);
        return "yes";
      },
      Says);
  ASSERT_TRUE(search.ok());
  EXPECT_FALSE(search->found);
  EXPECT_EQ(search->started, 2u);
  EXPECT_LT(SteadySeconds() - began, 20.0);
}

}  // namespace
}  // namespace quorate::sim
