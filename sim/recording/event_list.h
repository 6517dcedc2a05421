// SPDX-License-Identifier: Apache-2.0
// The events of a recording one by one, as bytes, without executing them.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "adapters/recording/format.h"
#include "engine/base/status.h"
#include "engine/wire/message.h"

namespace quorate::sim {

struct RecordedEvent {
  recording::EventKind kind = recording::EventKind::kBeginTick;
  std::string_view bytes;  // of the recording; with the byte of the kind
  PoolId pool;             // of what concerns a client
  ClientId client;
};

// DataLoss where an event is malformed; those before it were visited.
absl::Status ForEachEvent(const recording::Recording& recording,
                          const std::function<void(const RecordedEvent&)>& visit);

[[nodiscard]] bool IsMessage(recording::EventKind kind);
// The message of such an event, whose kind was read.
absl::StatusOr<wire::Message> MessageOfEvent(recording::EventKind kind, ByteReader& reader);

// How many ticks it has.
absl::StatusOr<uint64_t> CountTicks(const recording::Recording& recording);

}  // namespace quorate::sim
