// SPDX-License-Identifier: Apache-2.0
#include "sim/net/codec_check.h"

#include <span>

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

}  // namespace quorate::sim
