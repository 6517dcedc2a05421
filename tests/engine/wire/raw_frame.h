// SPDX-License-Identifier: Apache-2.0
// Frames that this release does not write.
#pragma once

#include <string_view>
#include <vector>

#include "engine/hash/digest.h"
#include "engine/wire/frame.h"
#include "frame_generated.h"

namespace quorate::wire {

// The bytes of a frame with this FlatBuffer.
inline Bytes FrameOf(std::string_view content) {
  Bytes bytes("QRF1", 4);
  const auto put = [&bytes](uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  };
  put(static_cast<uint32_t>(kFramePrefixBytes + content.size()));
  put(hash::Crc32c(content));
  put(kSchemaVersion);
  bytes += content;
  return bytes;
}

// A kind that no release has yet.
inline constexpr auto kLater = static_cast<fb::Body>(static_cast<uint8_t>(fb::Body::MAX) + 1);

struct Raw {
  uint8_t target_kind = 0;
  fb::Body type = fb::Body::Ping;
  uint8_t outcome = 0;
  uint8_t level = 0;
  bool has_body = true;
};

inline flatbuffers::Offset<void> BodyOf(flatbuffers::FlatBufferBuilder& builder, const Raw& raw) {
  if (raw.type == fb::Body::ExecuteReply) {
    return fb::CreateExecuteReply(builder, 1, raw.outcome).Union();
  }
  if (raw.type != fb::Body::Execute) return fb::CreatePing(builder, 1).Union();
  const std::vector<flatbuffers::Offset<fb::Argument>> arguments = {fb::CreateArgument(builder)};
  const auto args = builder.CreateVector(arguments);
  return fb::CreateExecute(builder, 1, 0, 0, 0, 0, raw.level, 0, args).Union();
}

inline Bytes FrameOf(const FrameHeader& header, const std::vector<Raw>& messages) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fb::Envelope>> offsets;
  for (const Raw& raw : messages) {
    const auto body = raw.has_body ? BodyOf(builder, raw) : flatbuffers::Offset<void>();
    offsets.push_back(fb::CreateEnvelope(builder, raw.target_kind, 0, 0, 0, 0, raw.type, body));
  }
  const auto vector = builder.CreateVector(offsets);
  builder.Finish(fb::CreateFrame(builder, header.cluster, header.epoch.value,
                                 header.sender.node.value, header.sender.incarnation.value,
                                 header.sender.wall.ms, vector));
  return FrameOf({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
}

}  // namespace quorate::wire
