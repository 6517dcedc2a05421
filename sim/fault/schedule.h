// SPDX-License-Identifier: Apache-2.0
// Faults as data: what happens to whom, from when until when. The world only executes schedules, so
// generated, hand-written, shrunk and stored ones are the same thing (format: schedule.fbs).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "sim/core/sim_time.h"
#include "sim/fault/fault_kind.h"

namespace quorate::sim {

struct Fault {
  uint64_t id = 0;
  FaultKind kind = FaultKind::kCrash;
  SimTime from;
  SimTime until;                // from < until
  std::vector<uint32_t> nodes;  // rising
  uint32_t chance_ppm = 0;
  // What it means depends on the kind. Of a crash: how long it waits for a commit to be under way.
  Duration amount{0};
  int32_t drift_ppm = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Schedule {
  uint32_t nodes = 0;
  std::vector<Fault> faults;  // by (from, id)
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

[[nodiscard]] Bytes EncodeSchedule(const Schedule& schedule);
// Errors: InvalidArgument for bytes that are no schedule of this release, or make no sense.
absl::StatusOr<Schedule> DecodeSchedule(std::string_view bytes);
// InvalidArgument with the first thing that is wrong: order, targets, amounts out of bounds.
absl::Status Validate(const Schedule& schedule);

// One line for people: "#3 crash of 2 nodes (4, 17) from 12.500 s for 3.200 s".
[[nodiscard]] std::string Describe(const Fault& fault);

}  // namespace quorate::sim
