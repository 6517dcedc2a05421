// SPDX-License-Identifier: Apache-2.0
#include "sim/core/key_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/base/random.h"

namespace quorate::sim {
namespace {

TEST(KeyIndex, FindsNothingInNothing) {
  EXPECT_EQ(KeyIndex().Find(""), std::nullopt);
  EXPECT_TRUE(KeyIndex().InOrder().empty());
}

TEST(KeyIndex, NumbersKeysAsTheyComeAndGivesThemInOrder) {
  KeyIndex index;
  std::map<Bytes, uint32_t> model;
  Prng prng(7);
  for (int i = 0; i < 20'000; ++i) {
    const Bytes key(prng.Below(4), static_cast<char>(prng.Below(30)));
    const Bytes name = key + std::to_string(prng.Below(3'000));
    const auto number = static_cast<uint32_t>(model.size());
    const uint32_t expected = model.try_emplace(name, number).first->second;
    ASSERT_EQ(index.Add(name), expected);
    ASSERT_EQ(index.Find(name), expected);
    if (i == 10'000) {
      EXPECT_EQ(index.InOrder().size(), model.size());
    }
  }
  EXPECT_EQ(index.Find("none"), std::nullopt);
  ASSERT_EQ(index.size(), model.size());
  auto next = model.begin();
  for (const uint32_t number : index.InOrder()) {
    EXPECT_EQ(number, next->second);
    EXPECT_EQ(index.key(number), next->first);
    ++next;
  }
}

TEST(KeyIndex, OrdersKeysThatBeginAlike) {
  using std::string_literals::operator""s;
  const std::string begin = "twelve bytes";
  const std::vector<Bytes> keys = {
      ""s,   "\0"s,         "\0\0"s,     "a"s,        "a\0"s,          "a\0b"s, "a\xff"s,
      begin, begin + "\0"s, begin + "1", begin + "2", begin + "\xff"s, "\x80"s};
  ASSERT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  KeyIndex index;
  for (size_t i = keys.size(); i-- > 0;) index.Add(keys[i]);
  std::vector<Bytes> in_order;
  for (const uint32_t number : index.InOrder()) in_order.push_back(index.key(number));
  EXPECT_EQ(in_order, keys);
}

}  // namespace
}  // namespace quorate::sim
