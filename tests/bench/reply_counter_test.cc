// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/reply_counter.h"

#include <gtest/gtest.h>

namespace quorate::bench {
namespace {

TEST(ReplyCounter, CountsWhereverTheBytesAreCut) {
  const std::string bytes = "+OK\r\n$5\r\n-a\r\nb\r\n$-1\r\n:12\r\n$0\r\n\r\n-ERR no\r\n+PONG\r\n";
  for (size_t first = 0; first <= bytes.size(); ++first) {
    for (size_t second = first; second <= bytes.size(); ++second) {
      ReplyCounter counter;
      uint64_t errors = 0;
      std::string error;
      uint64_t replies = counter.Take(bytes.substr(0, first), errors, error);
      replies += counter.Take(bytes.substr(first, second - first), errors, error);
      replies += counter.Take(bytes.substr(second), errors, error);
      ASSERT_EQ(replies, 7u) << first << " " << second;
      ASSERT_EQ(errors, 1u);
      ASSERT_EQ(error, "-ERR no");
    }
  }
}

TEST(ReplyCounter, CountsNothingBeforeTheEndOfABody) {
  ReplyCounter counter;
  uint64_t errors = 0;
  std::string error;
  EXPECT_EQ(counter.Take("$3\r\nabc\r", errors, error), 0u);
  EXPECT_EQ(counter.Take("\n", errors, error), 1u);
}

}  // namespace
}  // namespace quorate::bench
