// SPDX-License-Identifier: Apache-2.0
#include "sim/client/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/client/limits.h"

namespace quorate::sim {
namespace {

WorkloadConfig Everything() {
  WorkloadConfig config;
  config.weights.fill(1);
  config.keys = 50;
  return config;
}

TEST(Workload, IsAFunctionOfClientAndNumber) {
  const Workload one(1, Everything(), 1);
  const Workload again(1, Everything(), 1);
  const Workload other(2, Everything(), 1);
  int different = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(one.Next(3, i).command, again.Next(3, i).command);
    different += one.Next(3, i).command != other.Next(3, i).command ? 1 : 0;
  }
  EXPECT_GT(different, 40);
}

TEST(Workload, UsesEveryCommandThatHasAWeight) {
  const Workload workload(1, Everything(), 1);
  std::map<Bytes, int> commands;
  for (uint64_t i = 0; i < 3000; ++i) ++commands[workload.Next(1, i).command.front()];
  for (const char* name :
       {"GET",    "SET",     "DEL",     "MGET",    "MSET",   "GETDEL",  "SETNX",
        "INCR",   "INCRBY",  "DECR",    "HGET",    "HMGET",  "HGETALL", "HSET",
        "HDEL",   "HINCRBY", "PEXPIRE", "PERSIST", "RENAME", "LCS",     "EXISTS",
        "UNLINK", "MSETNX",  "BITOP",   "EXPIRE",  "GETEX",  "SETEX",   "PSETEX"}) {
    EXPECT_GT(commands[name], 0) << name;
  }
  WorkloadConfig few = Everything();
  few.weights.fill(0);
  few.weights[static_cast<size_t>(OperationKind::kIncrement)] = 1;
  for (uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(Workload(1, few, 1).Next(1, i).command.front(), "INCR");
  }
}

TEST(Workload, FillsEveryKeyOnceAndGoesOn) {
  constexpr uint32_t kClients = 8;
  WorkloadConfig config = Everything();
  config.weights.fill(0);
  config.weights[static_cast<size_t>(OperationKind::kGet)] = 1;
  config.fill_per_client = 25;  // of 8 clients: 50 keys of each of 4 classes
  const Workload workload(1, config, kClients);
  std::set<KeyRef> filled;
  for (uint32_t client = 0; client < kClients; ++client) {
    for (uint64_t i = 0; i < config.fill_per_client; ++i) {
      const Operation operation = workload.Next(client, i);
      ASSERT_EQ(operation.writes.size(), 1u);
      EXPECT_EQ(operation.command[1], NameOf(operation.writes.front()));
      EXPECT_TRUE(filled.insert(operation.writes.front()).second);
    }
    EXPECT_EQ(workload.Next(client, config.fill_per_client).command.front(), "GET");
  }
  EXPECT_EQ(filled.size(), kFilledClasses * config.keys);
}

TEST(Workload, WritesUniqueValues) {
  WorkloadConfig config = Everything();
  config.weights.fill(0);
  config.weights[static_cast<size_t>(OperationKind::kSet)] = 1;
  config.weights[static_cast<size_t>(OperationKind::kMultiSet)] = 1;
  config.value_bytes_max = 4;
  const Workload workload(1, config, 20);
  std::set<Bytes> values;
  size_t written = 0;
  for (uint32_t client = 0; client < 20; ++client) {
    for (uint64_t i = 0; i < 50; ++i) {
      const Operation operation = workload.Next(client, i);
      EXPECT_EQ(operation.writes.size() * 2 + 1, operation.command.size());
      for (size_t at = 2; at < operation.command.size(); at += 2) {
        values.insert(operation.command[at]);
        ++written;
      }
    }
  }
  EXPECT_EQ(values.size(), written);
}

TEST(Workload, NamesTheKeysItWrites) {
  const Workload workload(1, Everything(), 1);
  for (uint64_t i = 0; i < 500; ++i) {
    const Operation operation = workload.Next(1, i);
    for (const KeyRef key : operation.writes) {
      EXPECT_NE(std::find(operation.command.begin(), operation.command.end(), NameOf(key)),
                operation.command.end());
    }
  }
}

// So that what a BITOP has read is known.
TEST(Workload, MakesNoSourceOfABitopOfOthers) {
  WorkloadConfig config = Everything();
  config.weights.fill(0);
  config.weights[static_cast<size_t>(OperationKind::kBitOperation)] = 1;
  const Workload workload(1, config, 1);
  std::set<Bytes> targets;
  std::set<Bytes> sources;
  for (uint64_t i = 0; i < 500; ++i) {
    const std::vector<Bytes>& command = workload.Next(1, i).command;
    if (command.front() != "BITOP") continue;
    targets.insert(command[2]);
    sources.insert(command.begin() + 3, command.end());
  }
  EXPECT_EQ(sources.size(), kBitSources);
  EXPECT_EQ(targets.size(), kBitKeys - kBitSources);
  for (const Bytes& target : targets) EXPECT_FALSE(sources.contains(target));
}

TEST(Workload, GivesEachClientLoneKeysOfItsOwn) {
  WorkloadConfig config = Everything();
  config.weights.fill(0);
  config.weights[static_cast<size_t>(OperationKind::kLone)] = 1;
  const Workload workload(1, config, kLoneClients);
  std::set<KeyRef> all;
  for (uint32_t client = 0; client < kLoneClients; ++client) {
    std::set<KeyRef> own;
    for (uint64_t i = 0; i < kLoneKeyOperations * kLoneKeysEach; i += kLoneKeyOperations / 2) {
      own.insert(workload.Next(client, i).writes.front());
    }
    EXPECT_EQ(own.size(), kLoneKeysEach);
    all.insert(own.begin(), own.end());
  }
  EXPECT_EQ(all.size(), kLoneClients * kLoneKeysEach);
  WrittenKeys written(1);
  for (const KeyRef key : all) written.Add(key);
  EXPECT_EQ(written.List().size(), all.size());
}

TEST(WrittenKeys, ListsEachKeyOnce) {
  WrittenKeys written(10);
  written.Add({KeyClass::kHash, 3});
  written.Add({KeyClass::kString, 9});
  written.Add({KeyClass::kHash, 3});
  const std::vector<KeyRef> expected = {{KeyClass::kString, 9}, {KeyClass::kHash, 3}};
  EXPECT_EQ(written.List(), expected);
}

}  // namespace
}  // namespace quorate::sim
