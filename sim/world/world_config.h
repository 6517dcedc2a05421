// SPDX-License-Identifier: Apache-2.0
// Everything a world is made of besides its seed, as plain values. A scenario (sim/scenario) is a
// function that fills one in, drawing some of it from the seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/fault_point.h"
#include "engine/base/planted_bug.h"
#include "engine/env/storage.h"
#include "engine/node/shard_options.h"
#include "engine/topology/consistency.h"
#include "sim/client/sim_client.h"
#include "sim/client/workload.h"
#include "sim/fault/generator.h"
#include "sim/net/geography.h"
#include "sim/storage/memory_device.h"

namespace quorate::sim {

struct MemoryMeter;
class RecordingStore;

enum class StorageKind : uint8_t { kMemory, kDisk };

struct WorldConfig {
  std::string scenario;
  uint64_t seed = 0;

  // The cluster.
  uint32_t nodes = 3;
  uint16_t data_centres = 1;
  uint16_t racks = 3;     // of each data centre
  uint16_t replicas = 3;  // of each key, in each data centre
  uint16_t partitions = 64;
  uint16_t virtual_tokens = 16;
  uint16_t shards_min = 1;
  uint16_t shards_max = 1;  // drawn per node
  bool reshard = false;     // and again at restarts
  env::Durability durability = env::Durability::kAlways;
  topology::Consistency read = topology::Consistency::kQuorum;
  topology::Consistency write = topology::Consistency::kQuorum;
  Duration request_timeout = 2s;
  Duration speculative_delay = 50ms;
  bool unsafe_commands = false;
  // Of each pool on a node, of all its shards together; 0: no limit.
  uint64_t memory_bytes_max = 0;
  bool evicts = false;
  node::ShardLimits limits;

  // Its surroundings.
  StorageKind storage = StorageKind::kMemory;
  MemoryModel memory;
  DelayModel delays;
  bool sample_all_messages = true;
  Duration clock_offset_max = 50ms;
  int32_t clock_drift_ppm_max = 100;

  // Its clients.
  uint32_t clients = 8;
  ClientConfig client;
  // The levels of each client, by turns; none: the pool's.
  std::vector<topology::ConsistencyOverride> client_levels;
  WorkloadConfig workload;
  uint32_t sweep_clients = 16;
  uint32_t walkers = 2;  // clients that walk over all keys after the sweep
  // Keys of their own that probers write and read at every level, where faults have stayed.
  uint32_t probes = 0;
  // Executed in place of the workload, if any.
  std::vector<ScriptedOperation> script;

  // In so many ticks of a million a shard is saved and a new one loaded in its place.
  uint32_t resume_ppm = 0;
  // Lent; where there is one all shards are recorded. Not together with the above.
  RecordingStore* recordings = nullptr;
  MemoryMeter* memory_meter = nullptr;  // counts by part; null: nobody does

  // Its course.
  Duration duration = 60s;           // of the phase with faults
  FaultPlan faults;                  // its window is set by the world
  Duration calm = 2s;                // at the beginning, without faults
  std::optional<Schedule> schedule;  // executed in place of a generated one
  Duration heal_max = 30s;
  Duration sweep_max = 300s;
  Duration rest = 5s;
  uint64_t events_max = 400'000'000;

  PlantedBug planted = PlantedBug::kNone;
  FaultPoints points;
};

}  // namespace quorate::sim
