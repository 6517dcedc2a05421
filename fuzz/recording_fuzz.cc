// SPDX-License-Identifier: Apache-2.0
// Bytes that are to be a recording: an error in words, or a recording whose header survives being
// encoded and decoded again. Checksums stand in the way of a fuzzer, so a block whose checksum is
// all ones is given the right one first; what follows the first byte is decoded as a header as it
// stands, too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/recording/format.h"
#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::recording {
namespace {

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

void Decode(std::string_view bytes) {
  const absl::StatusOr<Recording> recording = ReadRecording(bytes);
  if (!recording.ok()) {
    QUORATE_CHECK(!MessageOf(recording.status()).empty());
    return;
  }
  QUORATE_CHECK(recording->state.size() == recording->header.state_bytes);
  CheckHeader(recording->header);
}

}  // namespace
}  // namespace quorate::recording

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  const auto header = quorate::recording::DecodeHeader(std::string_view(file));
  if (header.ok()) quorate::recording::CheckHeader(*header);
  quorate::recording::RepairChecksums(file);
  quorate::recording::Decode(file);
  return 0;
}
