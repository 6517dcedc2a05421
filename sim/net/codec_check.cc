// SPDX-License-Identifier: Apache-2.0
#include "sim/net/codec_check.h"

#include "engine/base/random.h"
#include "sim/net/limits.h"
#include "sim/net/next_release.h"

namespace quorate::sim {

std::string CodecCheck::Compare(std::string_view frame, const wire::FrameHeader& header,
                                std::span<const wire::Envelope> envelopes, uint32_t unknown) const {
  const absl::StatusOr<size_t> length = wire::FrameLength(frame);
  if (!length.ok()) return Format("length: %s", MessageOf(length.status()));
  if (*length != frame.size()) return Format("a length of %u", *length);
  absl::StatusOr<wire::Frame> decoded = wire::DecodeFrame(frame, planted_);
  if (!decoded.ok()) return Format("decode: %s", MessageOf(decoded.status()));
  if (decoded->header != header) return "another header";
  if (decoded->envelopes.size() != envelopes.size()) {
    return Format("%u messages", decoded->envelopes.size());
  }
  if (decoded->unknown != unknown) return Format("%u unknown messages", decoded->unknown);
  for (size_t i = 0; i < envelopes.size(); ++i) {
    wire::Envelope& arrived = decoded->envelopes[i];
    arrived.target.node = envelopes[i].target.node;  // the receiver, who is not named in a frame
    if (arrived != envelopes[i]) return "decoded to another message";
  }
  return {};
}

std::string CodecCheck::Check(const wire::Envelope& envelope) {
  ++checked_;
  frame_.clear();
  const wire::FrameHeader header{cluster_, epoch_, envelope.message.sender};
  wire::EncodeFrame(header, std::span(&envelope, 1), frame_);
  const std::string wrong = Compare(frame_, header, std::span(&envelope, 1), 0);
  if (wrong.empty()) return {};
  return Format("%s: %s", wire::NameOf(envelope.message.body), wrong);
}

std::string CodecCheck::CheckNextRelease(const wire::Envelope& envelope, uint64_t draw,
                                         bool unknown) {
  ++checked_;
  const std::string_view name = wire::NameOf(envelope.message.body);
  const wire::FrameHeader header{cluster_, epoch_, envelope.message.sender};
  frame_.clear();
  wire::EncodeFrame(header, std::span(&envelope, 1), frame_);
  const NewerFrame newer = WriteAsNextRelease(frame_, draw, unknown);
  std::string wrong = Compare(newer.bytes, header, std::span(&envelope, 1), newer.unknown);
  if (!wrong.empty()) return Format("%s, as the next release writes it: %s", name, wrong);
  if (!unknown) return {};
  frame_.clear();
  wire::EncodeFrame(header, {}, frame_);
  const NewerFrame alone = WriteAsNextRelease(frame_, Mix(draw, 1), true);
  wrong = Compare(alone.bytes, header, {}, alone.unknown);
  return wrong.empty() ? wrong : Format("a message that only the next release knows: %s", wrong);
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
