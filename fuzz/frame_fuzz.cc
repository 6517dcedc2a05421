// SPDX-License-Identifier: Apache-2.0
// Bytes from a peer: a stream of frames, cut by FrameLength and decoded, at every alignment. What
// decodes must survive being encoded and decoded again. Checksums stand in the way of a fuzzer, so
// a frame whose checksum field is all ones is given the right one first.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "engine/wire/frame.h"

namespace quorate::wire {
namespace {

constexpr size_t kChecksumAt = 8;

void RepairChecksum(std::string& frame) {
  if (frame.compare(kChecksumAt, 4, "\xff\xff\xff\xff") != 0) return;
  const uint32_t crc = hash::Crc32c(std::string_view(frame).substr(kFramePrefixBytes));
  for (size_t i = 0; i < 4; ++i) frame[kChecksumAt + i] = static_cast<char>(crc >> (8 * i) & 0xff);
}

bool SameFrame(const Frame& a, const Frame& b) {
  return a.header == b.header && a.envelopes == b.envelopes;
}

void DecodeOne(std::string frame) {
  RepairChecksum(frame);
  const absl::StatusOr<Frame> decoded = DecodeFrame(frame);
  for (size_t shift = 1; shift < 8; ++shift) {
    const std::string shifted = std::string(shift, '\0') + frame;
    const absl::StatusOr<Frame> again = DecodeFrame(std::string_view(shifted).substr(shift));
    QUORATE_CHECK(again.ok() == decoded.ok());
    if (decoded.ok()) QUORATE_CHECK(SameFrame(*again, *decoded));
  }
  if (!decoded.ok()) return;
  for (const Envelope& envelope : decoded->envelopes) {
    QUORATE_CHECK(!NameOf(envelope.message.body).empty());
    QUORATE_CHECK(envelope.message.sender == decoded->header.sender);
  }
  Bytes encoded;
  EncodeFrame(decoded->header, decoded->envelopes, encoded);
  const absl::StatusOr<size_t> length = FrameLength(encoded);
  QUORATE_CHECK(length.ok() && *length == encoded.size());
  const absl::StatusOr<Frame> again = DecodeFrame(encoded);
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(SameFrame(*again, *decoded));
}

void DecodeStream(std::string_view stream) {
  while (true) {
    const absl::StatusOr<size_t> length = FrameLength(stream);
    if (!length.ok() || *length == 0) return;
    QUORATE_CHECK(*length >= kFramePrefixBytes && *length <= kFrameBytesMax);
    if (*length > stream.size()) return;
    DecodeOne(std::string(stream.substr(0, *length)));
    stream.remove_prefix(*length);
  }
}

}  // namespace
}  // namespace quorate::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  // Also as exactly one frame, whatever its prefix says.
  static_cast<void>(quorate::wire::DecodeFrame(stream));
  quorate::wire::DecodeStream(stream);
  return 0;
}
