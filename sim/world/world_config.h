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
#include "engine/node/shard_options.h"
#include "sim/client/sim_client.h"
#include "sim/client/workload.h"
#include "sim/core/draw_epochs.h"
#include "sim/fault/generator.h"
#include "sim/net/geography.h"
#include "sim/storage/memory_device.h"
#include "sim/world/pool_config.h"

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
  uint16_t racks = 3;  // of each data centre
  uint16_t virtual_tokens = 16;
  uint16_t shards_min = 1;
  uint16_t shards_max = 1;  // drawn per node
  bool reshard = false;     // and again at restarts
  node::ShardLimits limits;
  std::vector<PoolConfig> pools{1};

  // Its surroundings.
  StorageKind storage = StorageKind::kMemory;
  MemoryModel memory;
  DelayModel delays;
  bool sample_all_messages = true;
  Duration clock_offset_max = 50ms;
  int32_t clock_drift_ppm_max = 100;
  // Wall clocks go by steps of it: where it is coarse, and they are alike, nodes stamp alike.
  Duration clock_grain{0};

  // Its clients, each of one pool, which they take by turns. All use the same names of keys.
  uint32_t clients = 8;
  ClientConfig client;
  WorkloadConfig workload;
  uint32_t sweep_clients = 16;
  uint32_t walkers = 2;  // clients that walk over all keys of their pool after the sweep
  // Keys of each pool that probers write and read at every level, where faults have stayed.
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
  // At rest all machines lose power at once, and start again, if none stays away and all pools
  // store what they hold.
  bool power_cut = false;
  uint64_t events_max = 400'000'000;

  // What could have come of it: what happens is drawn otherwise from these times on, in order.
  std::vector<DrawEpoch> epochs;

  PlantedBug planted = PlantedBug::kNone;
  FaultPoints points;
};

}  // namespace quorate::sim
