// SPDX-License-Identifier: Apache-2.0
// What a shard is told at construction. Values only; all are plain data that a scenario can draw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/fault_point.h"
#include "engine/base/ids.h"
#include "engine/base/planted_bug.h"
#include "engine/base/time.h"
#include "engine/env/storage.h"
#include "engine/node/node_record.h"
#include "engine/topology/consistency.h"

namespace quorate::node {

enum class Eviction : uint8_t {
  kNone,   // at maxmemory, writes that need room get -OOM
  kClock,  // at maxmemory, objects not used lately are forgotten; pools of one replica only
};

// A pool's settings on this node; what all nodes must agree on is in the topology.
struct PoolOptions {
  PoolId pool;
  env::Durability durability = env::Durability::kAlways;
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  Duration request_timeout = 5s;      // after it a client hears that its level was not reached
  Duration speculative_delay = 50ms;  // a read that waits longer asks one more replica
  size_t memory_bytes_max = 0;        // of this shard's share; 0: no limit
  Eviction eviction = Eviction::kNone;
  bool unsafe_commands = false;  // allow commands that need one order in pools of several replicas
  std::string password;          // empty: clients need none
};

// Limits that a run may draw small, so that what happens at them happens often; the values here are
// those of production.
struct ShardLimits {
  size_t operations = 100'000;      // in flight at one time, of clients and peers together
  size_t waiters_per_key = 10'000;  // operations that wait for the one before; see dynamo/limits.h
  size_t taken_requests = 200'000;  // of peers, remembered so that copies are not executed
  size_t reaps = 64;                // deletions of passed deadlines in flight
  // Stored rows are loaded in pieces of this many bytes, one piece a tick, so that a loading shard
  // answers, and small enough for the memory of one piece to serve the next.
  size_t load_bytes = size_t{1} << 20;
  // The clock's ceiling is reserved this far ahead of what is stamped, durably: after a crash the
  // clock restarts at most this far ahead of the wall.
  int64_t clock_reserve_ms = 1000;

  friend bool operator==(const ShardLimits&, const ShardLimits&) = default;
};

struct ShardOptions {
  NodeRecord record;
  ShardIndex shard;
  uint16_t shards = 1;
  uint64_t seed = 0;  // for keyed randomness
  std::vector<PoolOptions> pools;
  // What CONFIG tells from the start, by name, where it is not its default; names and values are
  // right.
  std::vector<std::pair<std::string, std::string>> settings;
  Duration clock_skew_max =
      10s;  // farther than this from the median of its peers a node does not stamp
  ShardLimits limits;
  std::string version = "0.1.0";
  PlantedBug planted = PlantedBug::kNone;
  FaultPoints points;      // neutral but in the simulator
  bool stand_ins = false;  // of a replay whose recording has left values out
};

}  // namespace quorate::node
