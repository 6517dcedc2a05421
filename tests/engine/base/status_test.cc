// SPDX-License-Identifier: Apache-2.0
#include "engine/base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/base/planted_bug.h"

namespace quorate {
namespace {

TEST(Status, HasOneHelperPerCode) {
  EXPECT_EQ(InvalidArgument("x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DataLoss("x").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(OutOfRange("x").code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FailedPrecondition("x").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Unavailable("x").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ResourceExhausted("x").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Internal("x").code(), absl::StatusCode::kInternal);
}

TEST(Status, KeepsItsMessageWithAllBytes) {
  const std::string_view text("nul\0inside", 10);
  EXPECT_EQ(MessageOf(InvalidArgument(text)), text);
  EXPECT_EQ(MessageOf(absl::OkStatus()), "");
}

TEST(Status, FormatsNumbersAndText) {
  EXPECT_EQ(Format("%s has %d of %d", std::string("a"), 1, uint64_t{2}), "a has 1 of 2");
  EXPECT_EQ(Format("%016x", uint64_t{255}), "00000000000000ff");
  EXPECT_EQ(Format("100%%"), "100%");
}

absl::StatusOr<std::unique_ptr<int>> Make(int value) {
  if (value < 0) return OutOfRange("negative");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Make(a));
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Make(b));
  return *first + *second;
}

absl::Status Check(int a, int b, int& calls) {
  QUORATE_RETURN_IF_ERROR(Make(a).status());
  ++calls;
  QUORATE_RETURN_IF_ERROR(Make(b).status());
  ++calls;
  return absl::OkStatus();
}

TEST(Status, ReturnsTheFirstError) {
  int calls = 0;
  EXPECT_TRUE(Check(1, 2, calls).ok());
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(MessageOf(Check(1, -2, calls)), "negative");
  EXPECT_EQ(calls, 3);
}

TEST(Status, AssignsMoveOnlyValues) {
  EXPECT_EQ(*Sum(1, 2), 3);
  EXPECT_EQ(Sum(1, -2).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(Check, PassesWhatHolds) { QUORATE_CHECK(1 + 1 == 2); }

TEST(CheckDeathTest, NamesThePlaceAndTheExpression) {
  EXPECT_DEATH(QUORATE_CHECK(1 + 1 == 3), "status_test.cc:[0-9]+: invariant broken: 1 \\+ 1 == 3");
}

TEST(Overloaded, PicksTheHandlerOfTheAlternative) {
  const auto name = [](const std::variant<int, std::string>& value) {
    return std::visit(
        Overloaded{[](int) { return "int"; }, [](const std::string&) { return "string"; }}, value);
  };
  EXPECT_STREQ(name(1), "int");
  EXPECT_STREQ(name("a"), "string");
}

TEST(PlantedBug, IsNeverThereInTheShippedBuild) {
  static_assert(!QUORATE_PLANTED(PlantedBug::kReadFewer, kReadFewer));
  EXPECT_FALSE(QUORATE_PLANTED(PlantedBug::kNoRestamp, kNoRestamp));
}

}  // namespace
}  // namespace quorate
