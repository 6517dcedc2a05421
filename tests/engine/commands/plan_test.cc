// SPDX-License-Identifier: Apache-2.0
// One row per form of a command whose options change what it is to replication: the second table of
// the README of engine/commands.
#include "engine/commands/plan.h"

#include <gtest/gtest.h>

#include <vector>

namespace quorate::commands {
namespace {

constexpr Class kSet = Class::kMergeableWrite;
constexpr Class kModify = Class::kReadModifyWrite;
constexpr Class kOrder = Class::kNeedsOneOrder;

struct Row {
  std::vector<std::string_view> args;
  Class kind;
  Reads reads;
  bool idempotent;
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {{"SET", "k", "v"}, kSet, Reads::kNothing, true},
      {{"SET", "k", "v", "EX", "5"}, kSet, Reads::kNothing, true},
      {{"SET", "k", "v", "PXAT", "5"}, kSet, Reads::kNothing, true},
      {{"SET", "k", "v", "NX"}, kOrder, Reads::kObject, false},
      {{"SET", "k", "v", "px", "5", "nx"}, kOrder, Reads::kObject, false},
      {{"SET", "k", "v", "NX", "GET"}, kOrder, Reads::kObject, false},
      {{"SET", "k", "v", "XX"}, kModify, Reads::kObject, true},
      {{"SET", "k", "v", "KEEPTTL"}, kModify, Reads::kObject, true},
      {{"SET", "k", "v", "GET"}, kModify, Reads::kObject, false},
      {{"SET", "k", "v", "XX", "GET"}, kModify, Reads::kObject, false},
      {{"SET", "k", "v", "NX", "XX"}, kSet, Reads::kNothing, true},  // a syntax error
      {{"SETNX", "k", "v"}, kOrder, Reads::kObject, false},
      {{"SETEX", "k", "5", "v"}, kSet, Reads::kNothing, true},
      {{"MSET", "k", "v"}, kSet, Reads::kNothing, true},
      {{"MSET", "k", "v", "NX", "GET"},
       kSet,
       Reads::kNothing,
       true},  // keys and values, no options
      {{"MSETNX", "k", "v"}, kOrder, Reads::kObject, false},
      {{"GETSET", "k", "v"}, kModify, Reads::kObject, false},
      {{"GETDEL", "k"}, kOrder, Reads::kObject, false},
      {{"GETEX", "k"}, Class::kRead, Reads::kObject, true},
      {{"GETEX", "k", "EX", "5"}, kModify, Reads::kObject, true},
      {{"GETEX", "k", "PERSIST"}, kModify, Reads::kObject, true},
      {{"GETEX", "k", "EXAT", "5"}, kModify, Reads::kObject, false},
      {{"INCR", "k"}, kModify, Reads::kObject, false},
      {{"RENAME", "k", "l"}, kOrder, Reads::kObject, false},
      {{"COPY", "k", "l"}, kOrder, Reads::kObject, false},
      {{"COPY", "k", "l", "DB", "0", "replace"}, kModify, Reads::kObject, true},
      {{"COPY", "k", "l", "REPLACE", "x"}, kOrder, Reads::kObject, false},  // a syntax error
      {{"RESTORE", "k", "0", "v"}, kOrder, Reads::kObject, false},
      {{"RESTORE", "k", "0", "v", "REPLACE"}, kModify, Reads::kObject, true},
      {{"SETBIT", "k", "5", "1"}, kModify, Reads::kObject, false},
      {{"BITFIELD", "k", "GET", "u8", "0"}, Class::kRead, Reads::kObject, true},
      {{"BITFIELD", "k", "GET", "u8", "0", "SET", "u8", "0", "1"}, kModify, Reads::kObject, false},
      {{"HSETNX", "k", "f", "v"}, kOrder, Reads::kCells, false},
      {{"HSET", "k", "f", "v"}, kModify, Reads::kCells, false},
      {{"HMSET", "k", "f", "v"}, kModify, Reads::kCells, true},
      {{"EXPIRE", "k", "5"}, kModify, Reads::kObject, true},
      {{"PEXPIRE", "k", "5", "XX"}, kModify, Reads::kObject, true},
      {{"EXPIRE", "k", "0"}, kModify, Reads::kObject, false},
      {{"EXPIRE", "k", "-5"}, kModify, Reads::kObject, false},
      {{"EXPIRE", "k", "5", "NX"}, kModify, Reads::kObject, false},
      {{"EXPIRE", "k", "5", "GT"}, kModify, Reads::kObject, false},
      {{"EXPIRE", "k", "5", "LT"}, kModify, Reads::kObject, false},
      {{"EXPIREAT", "k", "5"}, kModify, Reads::kObject, false},
      {{"PERSIST", "k"}, kModify, Reads::kObject, false},
      {{"GET", "k"}, Class::kRead, Reads::kObject, true},
      {{"OBJECT", "ENCODING", "k"}, Class::kRead, Reads::kObject, true},
      {{"SCAN", "0"}, Class::kKeyspace, Reads::kNothing, true},
      {{"PING"}, Class::kConnection, Reads::kNothing, true},
  };
  return rows;
}

TEST(Plan, FollowsTheArguments) {
  for (const Row& row : Rows()) {
    std::string request;
    for (const std::string_view arg : row.args) request.append(arg).append(" ");
    SCOPED_TRACE(request);
    Bytes error;
    const Command* command = ResolveCommand(row.args, error);
    ASSERT_NE(command, nullptr) << error;
    const Plan plan = PlanOf(*command, row.args);
    EXPECT_EQ(plan.kind, row.kind);
    EXPECT_EQ(plan.reads, row.reads);
    EXPECT_EQ(plan.idempotent, row.idempotent);
    EXPECT_EQ(plan.needs_one_order, row.kind == kOrder);
  }
}

}  // namespace
}  // namespace quorate::commands
