// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/config_table.h"

#include <gtest/gtest.h>

#include <map>

namespace quorate::commands {
namespace {

std::string Get(const ConfigTable& table, std::string_view name) {
  const std::string_view patterns[] = {name};
  const auto found = table.Get(patterns);
  return found.size() == 1 ? found.front().second : "(" + std::to_string(found.size()) + ")";
}

absl::Status Set(ConfigTable& table, const std::string& name, const std::string& value) {
  const ConfigChange changes[] = {{name, value}};
  return table.Set(changes);
}

TEST(ConfigTable, KnowsTheNamesOfRedis) {
  const ConfigTable table;
  const std::string_view all[] = {"*"};
  EXPECT_EQ(table.Get(all).size(), 192u);
  EXPECT_EQ(Get(table, "save"), "");
  EXPECT_EQ(Get(table, "appendonly"), "no");
  EXPECT_EQ(Get(table, "nosuch"), "(0)");
}

TEST(ConfigTable, EachPatternAndNameIsToldOnce) {
  const ConfigTable table;
  const std::string_view patterns[] = {"maxmemory", "maxm*", "MAXMEMORY"};
  std::map<std::string, int> times;
  for (const auto& [name, value] : table.Get(patterns)) ++times[name];
  EXPECT_EQ(times["maxmemory"], 1);
  EXPECT_EQ(times["MAXMEMORY"], 1);
  EXPECT_EQ(times["maxmemory-policy"], 1);
}

TEST(ConfigTable, AnAliasIsTheSameSetting) {
  ConfigTable table;
  ASSERT_TRUE(Set(table, "hash-max-ziplist-entries", "7").ok());
  EXPECT_EQ(Get(table, "hash-max-listpack-entries"), "7");
  EXPECT_EQ(Get(table, "hash-max-ziplist-entries"), "7");
}

TEST(ConfigTable, SetsAllOrNone) {
  ConfigTable table;
  const ConfigChange changes[] = {{"maxmemory", "1mb"}, {"timeout", "x"}};
  EXPECT_FALSE(table.Set(changes).ok());
  EXPECT_EQ(table.memory_bytes_max(), 0u);
  EXPECT_EQ(Get(table, "maxmemory"), "0");
}

TEST(ConfigTable, SettingsWithAnEffectHaveTypedAccessors) {
  ConfigTable table;
  EXPECT_EQ(table.bulk_bytes_max(), size_t{512} << 20);
  EXPECT_EQ(table.clients_max(), 10'000u);
  EXPECT_FALSE(table.evicts());
  ASSERT_TRUE(Set(table, "proto-max-bulk-len", "1mb").ok());
  ASSERT_TRUE(Set(table, "maxmemory", "64mb").ok());
  ASSERT_TRUE(Set(table, "maxmemory-policy", "ALLKEYS-LRU").ok());
  ASSERT_TRUE(Set(table, "timeout", "30").ok());
  ASSERT_TRUE(Set(table, "maxclients", "5").ok());
  ASSERT_TRUE(Set(table, "loglevel", "Warning").ok());
  EXPECT_EQ(table.bulk_bytes_max(), size_t{1} << 20);
  EXPECT_EQ(table.memory_bytes_max(), size_t{64} << 20);
  EXPECT_TRUE(table.evicts());
  EXPECT_EQ(table.idle_seconds_max(), 30);
  EXPECT_EQ(table.clients_max(), 5u);
  EXPECT_EQ(table.log_level(), "warning");
  EXPECT_EQ(Get(table, "maxmemory-policy"), "allkeys-lru");
  // Keys without a deadline must stay, and nothing tells the others apart when memory is short.
  ASSERT_TRUE(Set(table, "maxmemory-policy", "volatile-lru").ok());
  EXPECT_FALSE(table.evicts());
}

TEST(ConfigTable, SecretsAreNeverTold) {
  ConfigTable table;
  ASSERT_TRUE(table.Assign("requirepass", "swordfish").ok());
  const std::string_view all[] = {"*", "requirepass", "masterauth"};
  for (const auto& [name, value] : table.Get(all)) EXPECT_NE(value, "swordfish") << name;
  EXPECT_EQ(Get(table, "requirepass"), "");
  EXPECT_FALSE(Set(table, "requirepass", "x").ok());
}

TEST(ConfigTable, WhatTheNodeTellsIsNotForClients) {
  ConfigTable table;
  ASSERT_TRUE(table.Assign("port", "7380").ok());
  EXPECT_EQ(Get(table, "port"), "7380");
  EXPECT_FALSE(Set(table, "port", "1").ok());
  EXPECT_FALSE(table.Assign("nosuch", "1").ok());
  EXPECT_FALSE(table.Assign("timeout", "x").ok());
}

TEST(ConfigTable, WhatTheNodeTellsMayBeWrittenBack) {
  ConfigTable table;
  ASSERT_TRUE(table.Assign("port", "7380").ok());
  ASSERT_TRUE(table.Assign("requirepass", "swordfish").ok());
  EXPECT_TRUE(Set(table, "port", "7380").ok());
  EXPECT_TRUE(Set(table, "bind", "").ok());
  EXPECT_FALSE(Set(table, "requirepass", "").ok());  // this would take the password away
  EXPECT_FALSE(Set(table, "daemonize", "no").ok());  // nor does Redis take this
}

TEST(ConfigTable, AHiddenSettingIsToldToWhoKnowsItsName) {
  ConfigTable table;
  const std::string_view all[] = {"*"};
  for (const auto& [name, value] : table.Get(all)) EXPECT_NE(name, "watchdog-period");
  EXPECT_EQ(Get(table, "watchdog-period"), "0");
  EXPECT_TRUE(Set(table, "watchdog-period", "5").ok());
  EXPECT_EQ(Get(table, "watchdog-period"), "5");
}

TEST(ConfigTable, CountsItsChanges) {
  ConfigTable table;
  const uint64_t before = table.changes();
  EXPECT_FALSE(Set(table, "timeout", "x").ok());
  EXPECT_EQ(table.changes(), before);
  ASSERT_TRUE(Set(table, "tcp-keepalive", "60").ok());
  EXPECT_EQ(table.changes(), before + 1);
  EXPECT_EQ(table.keep_alive_seconds(), 60);
}

TEST(ConfigTable, DurabilityIsAViewOfThePool) {
  ConfigTable table;
  ASSERT_TRUE(table.Assign("appendonly", "yes").ok());
  ASSERT_TRUE(table.Assign("appendfsync", "everysec").ok());
  EXPECT_TRUE(Set(table, "appendfsync", "no").ok());  // less than the pool gives
  EXPECT_EQ(Get(table, "appendfsync"), "everysec");
  EXPECT_FALSE(Set(table, "appendfsync", "always").ok());
  EXPECT_TRUE(Set(table, "appendonly", "no").ok());
  EXPECT_EQ(Get(table, "appendonly"), "yes");
}

}  // namespace
}  // namespace quorate::commands
