// SPDX-License-Identifier: Apache-2.0
#include "engine/base/codec.h"

namespace quorate {

void PutVarint(Bytes& out, uint64_t value) {
  char bytes[kVarintBytesMax];
  out.append(bytes, static_cast<size_t>(WriteVarint(bytes, value) - bytes));
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
  char bytes[kVersionBytes];
  WriteVersion(bytes, version);
  out.append(bytes, kVersionBytes);
}

uint64_t ByteReader::LongVarint() {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes_.size() && i < kVarintBytesMax; ++i) {
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

}  // namespace quorate
