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

// Kinds that come in several shapes. The numbers are stored in schedules.
enum class FaultShape : uint8_t {
  kPlain = 0,
  // Of a partition, which is plain between the targets and all others:
  kBridge = 1,  // the same, but that the first target hears and is heard by both sides
  kRing = 2,    // each target hears a majority of them, those next to it in a ring
  kInside = 3,  // the targets do not hear each other, and all others do
  // Of a one-way cut, which is plain for what the targets send:
  kInward = 4,  // what is sent to them
  // Of a crash, which is plain at a time, or in a commit:
  kBetweenEffects = 5,  // in the middle of what a tick brings about
  // Of a misdirection, which is plain for reads:
  kWritten = 6,  // a write went elsewhere, and what was there is gone
  // Of another release, which is plain the next one:
  kOlder = 7,  // the one before
};
inline constexpr uint8_t kFaultShapes = 8;

struct Fault {
  uint64_t id = 0;
  FaultKind kind = FaultKind::kCrash;
  SimTime from;
  SimTime until;                // from < until
  std::vector<uint32_t> nodes;  // rising
  uint32_t chance_ppm = 0;
  // What it means depends on the kind. Of a crash: how long it waits for what it wants to
  // interrupt. Of a cut: it comes and goes with this period. Of a bandwidth: what a KiB takes. Of a
  // slow processor: the factor.
  Duration amount{0};
  int32_t drift_ppm = 0;
  FaultShape shape = FaultShape::kPlain;
  uint32_t messages = 0;  // a bit for each body of wire::Body that is concerned; 0: all
  bool stays = false;     // the healing does not end it, and its targets are not of the core
  // In place of a draw. Of a crash between effects: the first that does not come about, from 1. Of
  // a loss, a duplication or a delay: this message of those that the targets send, from 1, and no
  // other; the delay is the whole amount. 0: drawn.
  uint32_t only = 0;
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
// Of one fault of a world of so many nodes.
absl::Status Validate(const Fault& fault, uint32_t nodes);

// Whether a node may stay in the grip of such a fault while the others heal.
[[nodiscard]] bool CanStay(FaultKind kind);

}  // namespace quorate::sim
