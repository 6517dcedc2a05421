// SPDX-License-Identifier: Apache-2.0
#include "sim/net/codec_check.h"

#include <span>

#include "engine/base/random.h"
#include "sim/net/limits.h"

namespace quorate::sim {

std::string CodecCheck::Check(const wire::Envelope& envelope) {
  ++checked_;
  const std::string_view name = wire::NameOf(envelope.message.body);
  frame_.clear();
  const wire::FrameHeader header{cluster_, epoch_, envelope.message.sender};
  wire::EncodeFrame(header, std::span(&envelope, 1), frame_);
  const absl::StatusOr<size_t> length = wire::FrameLength(frame_);
  if (!length.ok()) return Format("%s: length: %s", name, MessageOf(length.status()));
  if (*length != frame_.size()) return Format("%s: a length of %u", name, *length);
  absl::StatusOr<wire::Frame> frame = wire::DecodeFrame(frame_);
  if (!frame.ok()) return Format("%s: decode: %s", name, MessageOf(frame.status()));
  if (frame->header != header) return Format("%s: another header", name);
  if (frame->envelopes.size() != 1)
    return Format("%s: %u envelopes", name, frame->envelopes.size());
  wire::Envelope& decoded = frame->envelopes.front();
  decoded.target.node = envelope.target.node;  // the receiver, who is not named in a frame
  if (decoded != envelope) return Format("%s: decoded to another message", name);
  return {};
}

std::optional<wire::Envelope> CodecCheck::Corrupt(const wire::Envelope& envelope, uint64_t draw) {
  frame_.clear();
  wire::EncodeFrame({cluster_, epoch_, envelope.message.sender}, std::span(&envelope, 1), frame_);
  const uint64_t bits = 1 + Scale(Mix(draw, 1), kCorruptBitsMax);
  for (uint64_t i = 0; i < bits; ++i) {
    const uint64_t bit = Scale(Mix(draw, 2 + i), frame_.size() * 8);
    char& byte = frame_[static_cast<size_t>(bit / 8)];
    byte = static_cast<char>(static_cast<uint8_t>(byte) ^ (1u << (bit % 8)));
  }
  absl::StatusOr<wire::Frame> frame = wire::DecodeFrame(frame_, planted_);
  if (!frame.ok() || frame->envelopes.size() != 1) return std::nullopt;
  if (frame->header.cluster != cluster_ || frame->header.epoch != epoch_) return std::nullopt;
  wire::Envelope& decoded = frame->envelopes.front();
  decoded.target.node = envelope.target.node;
  return std::move(decoded);
}

}  // namespace quorate::sim
