// SPDX-License-Identifier: Apache-2.0
// The frames of a link: many messages, one header, one checksum, one verification. Any byte string
// is a frame or a clear error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/planted_bug.h"
#include "engine/base/status.h"
#include "engine/env/network.h"
#include "engine/wire/message.h"

namespace quorate::wire {

inline constexpr uint32_t kSchemaVersion = 1;
inline constexpr size_t kFramePrefixBytes = 16;
// The longest frame that is sent or accepted, prefix included: room for the longest value and its
// key.
inline constexpr size_t kFrameBytesMax = size_t{768} << 20;

// What both ends of a link must agree on.
struct FrameHeader {
  uint64_t cluster = 0;  // ClusterTag of the cluster's name
  Epoch epoch;
  Sender sender;
  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

struct Envelope {
  env::Target target;  // its node is the receiver; not sent
  Message message;
  friend bool operator==(const Envelope&, const Envelope&) = default;
};

[[nodiscard]] uint64_t ClusterTag(std::string_view cluster_name);

// Appends one frame to `out`.
void EncodeFrame(const FrameHeader& header, std::span<const Envelope> envelopes, Bytes& out);

// The length of the whole frame that begins with these bytes; 0 where the prefix is not complete
// yet. Errors: InvalidArgument (not a frame, or a schema version this release cannot read),
// ResourceExhausted (longer than kFrameBytesMax).
absl::StatusOr<size_t> FrameLength(std::string_view bytes);

struct Frame {
  FrameHeader header;
  std::vector<Envelope> envelopes;
  // Messages that were left out: of a kind, or with a value of an enumeration, that a later release
  // has added. To those who wait for an answer it is as if they had been lost.
  uint32_t unknown = 0;
};
// Takes exactly one frame. Errors: DataLoss (checksum), InvalidArgument (malformed).
absl::StatusOr<Frame> DecodeFrame(std::string_view bytes, PlantedBug planted = PlantedBug::kNone);

}  // namespace quorate::wire
