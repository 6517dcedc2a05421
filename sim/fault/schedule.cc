// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/schedule.h"

#include <algorithm>
#include <functional>

#include "schedule_generated.h"
#include "sim/fault/limits.h"

namespace quorate::sim {
namespace {

flatbuffers::Offset<fbs::Fault> EncodeFault(flatbuffers::FlatBufferBuilder& builder,
                                            const Fault& fault) {
  const auto nodes = builder.CreateVector(fault.nodes);
  fbs::FaultBuilder table(builder);
  table.add_id(fault.id);
  table.add_kind(static_cast<uint8_t>(fault.kind));
  table.add_from_us(fault.from.us);
  table.add_until_us(fault.until.us);
  table.add_nodes(nodes);
  table.add_chance_ppm(fault.chance_ppm);
  table.add_amount_us(fault.amount.count());
  table.add_drift_ppm(fault.drift_ppm);
  table.add_shape(static_cast<uint8_t>(fault.shape));
  table.add_messages(fault.messages);
  table.add_stays(fault.stays);
  table.add_only(fault.only);
  return table.Finish();
}

absl::StatusOr<Fault> DecodeFault(const fbs::Fault& table) {
  if (table.kind() >= kFaultKinds) {
    return InvalidArgument(Format("fault %u: unknown kind %u", table.id(), table.kind()));
  }
  if (table.shape() >= kFaultShapes) {
    return InvalidArgument(Format("fault %u: unknown shape %u", table.id(), table.shape()));
  }
  Fault fault{.id = table.id(),
              .kind = static_cast<FaultKind>(table.kind()),
              .from = {table.from_us()},
              .until = {table.until_us()},
              .nodes = {},
              .chance_ppm = table.chance_ppm(),
              .amount = Duration(table.amount_us()),
              .drift_ppm = table.drift_ppm(),
              .shape = static_cast<FaultShape>(table.shape()),
              .messages = table.messages(),
              .stays = table.stays(),
              .only = table.only()};
  if (table.nodes() != nullptr) fault.nodes.assign(table.nodes()->begin(), table.nodes()->end());
  return fault;
}

// Which kind has which shapes.
bool HasShape(FaultKind kind, FaultShape shape) {
  switch (shape) {
    case FaultShape::kPlain:
      return true;
    case FaultShape::kBridge:
    case FaultShape::kRing:
    case FaultShape::kInside:
      return kind == FaultKind::kPartition;
    case FaultShape::kInward:
      return kind == FaultKind::kOneWayCut;
    case FaultShape::kBetweenEffects:
      return kind == FaultKind::kCrash;
    case FaultShape::kWritten:
      return kind == FaultKind::kMisdirection;
    case FaultShape::kOlder:
      return kind == FaultKind::kOtherRelease;
  }
  return false;
}

bool ChoosesMessages(FaultKind kind) {
  return kind == FaultKind::kPartition || kind == FaultKind::kOneWayCut || kind == FaultKind::kLoss;
}

bool CanConcernOne(const Fault& fault) {
  if (fault.kind == FaultKind::kCrash) return fault.shape == FaultShape::kBetweenEffects;
  return fault.kind == FaultKind::kLoss || fault.kind == FaultKind::kDuplication ||
         fault.kind == FaultKind::kDelay;
}

absl::Status ValidateShape(const Fault& fault) {
  const auto wrong = [&fault](std::string_view what) {
    return InvalidArgument(Format("fault %u (%s): %s", fault.id, NameOf(fault.kind), what));
  };
  if (!HasShape(fault.kind, fault.shape)) return wrong("a shape that this kind does not have");
  if (fault.messages != 0 && !ChoosesMessages(fault.kind)) {
    return wrong("it does not choose messages");
  }
  if (fault.only != 0 && !CanConcernOne(fault)) return wrong("it does not concern one thing alone");
  if (fault.stays && (!CanStay(fault.kind) || fault.shape == FaultShape::kBridge ||
                      fault.shape == FaultShape::kRing)) {
    return wrong("it cannot stay");
  }
  if (fault.kind == FaultKind::kWipe && !fault.stays) return wrong("a wiped disk stays so");
  if (fault.kind == FaultKind::kDiskSwap && fault.nodes.size() != 2) {
    return wrong("disks are swapped between two nodes");
  }
  return absl::OkStatus();
}

}  // namespace

bool CanStay(FaultKind kind) {
  return kind == FaultKind::kCrash || kind == FaultKind::kPartition ||
         kind == FaultKind::kOneWayCut || kind == FaultKind::kSlowCpu || kind == FaultKind::kWipe;
}

Bytes EncodeSchedule(const Schedule& schedule) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fbs::Fault>> tables;
  tables.reserve(schedule.faults.size());
  for (const Fault& fault : schedule.faults) tables.push_back(EncodeFault(builder, fault));
  const auto faults = builder.CreateVector(tables);
  fbs::ScheduleBuilder root(builder);
  root.add_version(kScheduleVersion);
  root.add_nodes(schedule.nodes);
  root.add_faults(faults);
  const auto finished = root.Finish();
  builder.Finish(finished, fbs::ScheduleIdentifier());
  const std::string_view bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                               builder.GetSize());
  return Bytes(bytes);
}

absl::StatusOr<Schedule> DecodeSchedule(std::string_view bytes) {
  // FlatBuffers are aligned by their start; a view into a file may not be.
  const Bytes aligned(bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(aligned.data()), aligned.size());
  if (aligned.size() < sizeof(uint32_t) * 2 || !fbs::VerifyScheduleBuffer(verifier)) {
    return InvalidArgument("not a fault schedule");
  }
  const fbs::Schedule& root = *fbs::GetSchedule(aligned.data());
  if (root.version() != kScheduleVersion) {
    return InvalidArgument(Format("fault schedule: version %u, this release reads %u",
                                  root.version(), kScheduleVersion));
  }
  Schedule schedule{.nodes = root.nodes(), .faults = {}};
  if (root.faults() != nullptr) {
    for (const fbs::Fault* table : *root.faults()) {
      QUORATE_ASSIGN_OR_RETURN(Fault fault, DecodeFault(*table));
      schedule.faults.push_back(std::move(fault));
    }
  }
  QUORATE_RETURN_IF_ERROR(Validate(schedule));
  return schedule;
}

absl::Status Validate(const Fault& fault, uint32_t nodes) {
  const auto wrong = [&fault](std::string_view what) {
    return InvalidArgument(Format("fault %u (%s): %s", fault.id, NameOf(fault.kind), what));
  };
  if (fault.from >= fault.until) return wrong("ends before it begins");
  if (fault.until.us > static_cast<uint64_t>(kScheduleLengthMax.count())) return wrong("too late");
  if (fault.nodes.empty()) return wrong("has no target");
  const auto disorder =
      std::adjacent_find(fault.nodes.begin(), fault.nodes.end(), std::greater_equal<>());
  if (disorder != fault.nodes.end() || fault.nodes.back() >= nodes) {
    return wrong("targets that are no nodes, or not rising");
  }
  if (fault.chance_ppm > 1'000'000) return wrong("a chance above 1");
  if (fault.amount > kFaultAmountMax || fault.amount < -kFaultAmountMax) {
    return wrong("an amount beyond a day");
  }
  if (fault.drift_ppm > kDriftPpmMax || fault.drift_ppm < -kDriftPpmMax) {
    return wrong("a drift that no clock has");
  }
  if (fault.kind == FaultKind::kCrash &&
      (fault.amount < Duration(0) || fault.from + fault.amount >= fault.until)) {
    return wrong("waits longer than it lasts");
  }
  const bool delays = fault.kind == FaultKind::kDelay || fault.kind == FaultKind::kDiskStall ||
                      fault.kind == FaultKind::kLate || fault.kind == FaultKind::kBandwidth;
  if (delays && fault.amount <= Duration(0)) return wrong("a delay of nothing");
  const bool first = static_cast<size_t>(fault.kind) < kFirstFaultKinds;
  if (!first && fault.amount < Duration(0)) return wrong("a negative amount");
  if (fault.kind == FaultKind::kSlowCpu &&
      (fault.amount.count() < 1 || fault.amount.count() > kSlowFactorMax)) {
    return wrong("a factor that no processor has");
  }
  return ValidateShape(fault);
}

absl::Status Validate(const Schedule& schedule) {
  if (schedule.nodes > kWorldNodesMax) return InvalidArgument("fault schedule: too many nodes");
  if (schedule.faults.size() > kFaultsMax)
    return InvalidArgument("fault schedule: too many faults");
  for (const Fault& fault : schedule.faults) {
    QUORATE_RETURN_IF_ERROR(Validate(fault, schedule.nodes));
  }
  const auto later = [](const Fault& a, const Fault& b) {
    return a.from > b.from || (a.from == b.from && a.id >= b.id);
  };
  if (std::adjacent_find(schedule.faults.begin(), schedule.faults.end(), later) !=
      schedule.faults.end()) {
    return InvalidArgument("fault schedule: not in order of time and id");
  }
  return absl::OkStatus();
}

}  // namespace quorate::sim
