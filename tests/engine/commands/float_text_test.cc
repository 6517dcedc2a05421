// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/float_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quorate::commands {
namespace {

std::string Again(std::string_view text) {
  const auto value = ParseFloat(text);
  return value.has_value() ? FormatFloat(*value) : "(none)";
}

TEST(FloatText, HasNoZerosBehindAndNoExponent) {
  EXPECT_EQ(Again("3.0"), "3");
  EXPECT_EQ(Again("10.50"), "10.5");
  EXPECT_EQ(Again("5.0e3"), "5000");
  EXPECT_EQ(Again("0.1"), "0.1");
  EXPECT_EQ(Again("-0.0"), "0");
  EXPECT_EQ(Again("1e-17"), "0.00000000000000001");
  EXPECT_EQ(Again("1e-19"), "0");
  EXPECT_EQ(Again("-1e-30"), "0");
  EXPECT_EQ(Again("0x1p4"), "16");
  EXPECT_EQ(Again("+7"), "7");
}

TEST(FloatText, RefusesWhatIsNoNumber) {
  for (const char* text : {"", " 1", "1 ", "abc", "nan", "-", "+", "+-1", "--1", "0x", "0x-1", "1e",
                           "1,5", "1e99999", "."}) {
    EXPECT_FALSE(ParseFloat(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseFloat(std::string(6000, '1')).has_value());
}

TEST(FloatText, InfinityIsReadAndIsNotFinite) {
  for (const char* text : {"inf", "-inf", "Infinity", "+inf"}) {
    ASSERT_TRUE(ParseFloat(text).has_value()) << text;
    EXPECT_FALSE(IsFinite(*ParseFloat(text))) << text;
  }
}

TEST(FloatText, TheLargestValueFits) { EXPECT_EQ(Again("1.1e4932").size(), 4933u); }

RC_GTEST_PROP(FloatText, IntegersStayExact, (int64_t number)) {
  const std::string text = std::to_string(number);
  RC_ASSERT(Again(text) == text);
}

}  // namespace
}  // namespace quorate::commands
