// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/lone_copy.h"

#include <gtest/gtest.h>

#include "tests/sim/oracle/history_builder.h"

namespace quorate::sim {
namespace {

using resp::Reply;

Reply Do(LoneCopy& copy, const std::vector<Bytes>& command) {
  const auto answer = copy.Ask(command);
  EXPECT_TRUE(answer.has_value());
  if (!answer->cells.empty()) copy.Keep(command[1], answer->cells);
  return answer->reply;
}

TEST(LoneCopy, ExecutesWhatItKeeps) {
  LoneCopy copy;
  EXPECT_EQ(Do(copy, {"SET", "k", "ab"}), kOk);
  EXPECT_EQ(Do(copy, {"APPEND", "k", "c"}), Number(3));
  EXPECT_EQ(copy.Ask({"APPEND", "k", "d"})->reply, Number(4));
  EXPECT_EQ(Do(copy, {"GET", "k"}), Text("abc")) << "what was only asked is not kept";
  EXPECT_EQ(Do(copy, {"GET", "other"}), kNil);
  EXPECT_EQ(Do(copy, {"HSET", "k", "f", "v"}).text.substr(0, 9), "WRONGTYPE");
  EXPECT_EQ(Do(copy, {"HSET", "h", "f", "v"}), Number(1));
  EXPECT_EQ(Do(copy, {"HGETALL", "h"}).elements, (std::vector<Reply>{Text("f"), Text("v")}));
  EXPECT_EQ(Do(copy, {"DEL", "h"}), Number(1));
  EXPECT_EQ(Do(copy, {"EXISTS", "h"}), Number(0));
  EXPECT_EQ(Do(copy, {"PEXPIREAT", "k", "1"}), Number(1));
  EXPECT_EQ(Do(copy, {"GET", "k"}), kNil) << "that time has passed";
}

TEST(LoneCopy, TellsWhatAnAnswerDependsOn) {
  LoneCopy copy;
  const auto set = copy.Ask({"SET", "k", "v"});
  EXPECT_TRUE(set->writes);
  EXPECT_FALSE(set->reads);
  const auto set_if_absent = copy.Ask({"SET", "k", "v", "NX"});
  EXPECT_TRUE(set_if_absent->writes);
  EXPECT_TRUE(set_if_absent->reads);
  const auto get = copy.Ask({"GET", "k"});
  EXPECT_FALSE(get->writes);
  EXPECT_TRUE(get->reads);
  EXPECT_TRUE(get->cells.empty());
}

TEST(LoneCopy, HasNoAnswerToCommandsOfNoneOrSeveralKeys) {
  LoneCopy copy;
  EXPECT_FALSE(copy.Ask({"PING"}).has_value());
  EXPECT_FALSE(copy.Ask({"NOSUCH", "k"}).has_value());
  EXPECT_FALSE(copy.Ask({"SCAN", "0"}).has_value());
  EXPECT_FALSE(copy.Ask({"DEL", "a", "b"}).has_value());
  EXPECT_FALSE(copy.Ask({"RENAME", "a", "b"}).has_value());
  EXPECT_FALSE(copy.Ask({"LCS", "a", "b"}).has_value());
}

}  // namespace
}  // namespace quorate::sim
