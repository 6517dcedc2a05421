// SPDX-License-Identifier: Apache-2.0
#include "engine/base/codec.h"

namespace quorate {

void PutVarint(Bytes& out, uint64_t value) {
  char bytes[10];
  size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

void PutBlob(Bytes& out, std::string_view bytes) {
  PutVarint(out, bytes.size());
  out.append(bytes);
}

void PutWriterId(Bytes& out, const WriterId& writer) {
  PutBigEndian(out, writer.node.value);
  PutBigEndian(out, writer.incarnation.value);
  PutBigEndian(out, writer.shard.value);
}

void PutVersion(Bytes& out, const Version& version) {
  PutBigEndian(out, version.time.bits());
  PutWriterId(out, version.writer);
}

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes_.size() && i < 10; ++i) {
    const uint64_t byte = static_cast<uint8_t>(bytes_[i]);
    if (i == 9 && byte > 1) break;  // more than 64 bits
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bytes_.remove_prefix(i + 1);
      return value;
    }
  }
  return Fail();
}

std::string_view ByteReader::Blob() {
  const uint64_t size = Varint();
  return ok_ ? Raw(size) : std::string_view();
}

std::string_view ByteReader::Raw(size_t size) {
  if (size > bytes_.size()) {
    Fail();
    return {};
  }
  const std::string_view result = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return result;
}

WriterId ByteReader::Writer() {
  WriterId writer;
  writer.node.value = BigEndian<uint64_t>();
  writer.incarnation.value = BigEndian<uint32_t>();
  writer.shard.value = BigEndian<uint16_t>();
  return writer;
}

Version ByteReader::Version() {
  struct Version version;
  version.time = HybridTime::FromBits(BigEndian<uint64_t>());
  version.writer = Writer();
  return version;
}

}  // namespace quorate
