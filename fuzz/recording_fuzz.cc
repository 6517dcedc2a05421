// SPDX-License-Identifier: Apache-2.0
// Bytes that are to be a recording: an error in words, or a recording whose header survives being
// encoded and decoded again. Checksums stand in the way of a fuzzer, so a block whose checksum is
// all ones is given the right one first; what follows the first byte is decoded as a header as it
// stands, too, and so is a message, and a snapshot is put together of it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/recording/format.h"
#include "adapters/recording/message_form.h"
#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "engine/node/hide.h"
#include "engine/node/snapshot.h"

namespace quorate::recording {
namespace {

// A few bytes may stand for a message that takes all memory when it is there several times.
constexpr size_t kCopiedBytesMax = size_t{1} << 24;

void RepairChecksums(std::string& file) {
  size_t at = kMagic.size() + sizeof(kVersion);
  while (at + kBlockHeaderBytes <= file.size()) {
    const uint64_t length = ReadBigEndian<uint32_t>(file.data() + at);
    if (length > file.size() - at - kBlockHeaderBytes) return;
    if (file.compare(at + 4, 4, "\xff\xff\xff\xff") == 0) {
      const auto content = std::string_view(file).substr(at + 8, length + 1);
      WriteBigEndian(file.data() + at + 4, hash::Crc32c(content));
    }
    at += kBlockHeaderBytes + length;
  }
}

void CheckHeader(const Header& header) {
  const Bytes encoded = EncodeHeader(header);
  const absl::StatusOr<Header> again = DecodeHeader(encoded);
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(EncodeHeader(*again) == encoded);
}

Bytes Written(const wire::Message& message, bool hides) {
  Bytes bytes(MessageBytesMax(message), '\0');
  HiddenParts scratch;
  const char* const end = WriteMessage(bytes.data(), message, hides, scratch);
  QUORATE_CHECK(end <= bytes.data() + bytes.size());
  bytes.resize(static_cast<size_t>(end - bytes.data()));
  return bytes;
}

// What may be read may be written, whole and without values, and is the same then.
void DecodeMessage(std::string_view fields) {
  Bytes bytes;
  PutBigEndian(bytes, static_cast<uint32_t>(fields.size()));
  bytes += fields;
  ByteReader reader(bytes);
  const absl::StatusOr<wire::Message> message = ReadMessage(reader);
  if (!message.ok() || MessageBytesMax(*message) > kCopiedBytesMax) return;
  wire::Message hidden = *message;
  node::HideMessage(hidden);
  const Bytes short_form = Written(*message, true);
  ByteReader short_reader(short_form);
  const absl::StatusOr<wire::Message> again = ReadMessage(short_reader);
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(*again == hidden);
}

void Decode(std::string_view bytes) {
  const absl::StatusOr<Recording> recording = ReadRecording(bytes);
  if (!recording.ok()) {
    QUORATE_CHECK(!MessageOf(recording.status()).empty());
    return;
  }
  QUORATE_CHECK(recording->state.size() == recording->header.state_bytes);
  CheckHeader(recording->header);
}

// A frame and pieces, each behind its length; whatever they are, they are put together or refused.
void JoinPieces(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::string_view frame = reader.Blob();
  std::vector<std::string_view> pieces;
  while (reader.ok() && !reader.AtEnd()) pieces.push_back(reader.Blob());
  const absl::StatusOr<Bytes> state = node::JoinSnapshot(frame, pieces);
  if (!state.ok()) QUORATE_CHECK(!MessageOf(state.status()).empty());
}

}  // namespace
}  // namespace quorate::recording

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  for (uint32_t version = quorate::recording::kVersionMin; version <= quorate::recording::kVersion;
       ++version) {
    const auto header = quorate::recording::DecodeHeader(std::string_view(file), version);
    if (header.ok()) quorate::recording::CheckHeader(*header);
  }
  quorate::recording::JoinPieces(file);
  quorate::recording::DecodeMessage(file);
  quorate::recording::RepairChecksums(file);
  quorate::recording::Decode(file);
  return 0;
}
