// SPDX-License-Identifier: Apache-2.0
// What a pool of a world has of its own, whatever its kind; what its cluster has is in WorldConfig.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/env/storage.h"
#include "engine/hash/key_hash.h"
#include "engine/topology/consistency.h"

namespace quorate::sim {

// The pools of a world have these names, and as ids their numbers, in this order.
inline constexpr std::array<std::string_view, 3> kPoolNames = {"main", "second", "third"};
inline constexpr size_t kWorldPoolsMax = kPoolNames.size();
[[nodiscard]] inline PoolId PoolIdOf(size_t number) {
  return PoolId{static_cast<uint16_t>(number)};
}

// What a setting of a pool is called in a trace. The first pool's are called as they were when it
// was the only one; those of another begin with its name.
[[nodiscard]] inline std::string SettingOfPool(size_t number, std::string_view setting) {
  std::string name(number == 0 ? std::string_view() : kPoolNames[number]);
  if (number > 0) name += '-';
  return name += setting;
}
// The setting that says how many pools there are; one, where it is not there.
inline constexpr std::string_view kPoolsSetting = "pools";

struct PoolConfig {
  uint16_t replicas = 3;  // of each key, in each data centre
  uint16_t partitions = 64;
  hash::KeyHash hash = hash::KeyHash::kXxh3;
  env::Durability durability = env::Durability::kAlways;
  topology::Consistency read = topology::Consistency::kQuorum;
  topology::Consistency write = topology::Consistency::kQuorum;
  Duration request_timeout = 2s;
  Duration speculative_delay = 50ms;
  bool unsafe_commands = false;
  uint64_t memory_bytes_max = 0;  // on a node, of all its shards together; 0: no limit
  bool evicts = false;
  // The levels of each of its clients, by turns; none: the pool's.
  std::vector<topology::ConsistencyOverride> client_levels;
  // What faults take away at one time is at most a minority of a key's replicas in a data centre.
  // Where that is not so only safety can be asked for under faults.
  bool keeps_majorities = true;
};

}  // namespace quorate::sim
