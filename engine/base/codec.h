// SPDX-License-Identifier: Apache-2.0
// Byte strings read and written by hand: storage keys (big endian, so that they sort), packed cells
// and journal records. Everything else that is stored or sent is FlatBuffers.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/ids.h"

namespace quorate {

using Bytes = std::string;

// To big endian from the machine's order, and back.
template <typename Integer>
[[nodiscard]] Integer SwapBigEndian(Integer value) {
  if constexpr (sizeof(Integer) == 1 || std::endian::native == std::endian::big) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    static_assert(sizeof(Integer) == 8);
    return static_cast<Integer>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}
// Returns the byte behind.
template <typename Integer>
char* WriteBigEndian(char* at, Integer value) {
  const Integer swapped = SwapBigEndian(value);
  std::memcpy(at, &swapped, sizeof(swapped));
  return at + sizeof(swapped);
}
template <typename Integer>
[[nodiscard]] Integer ReadBigEndian(const char* at) {
  Integer value;
  std::memcpy(&value, at, sizeof(value));
  return SwapBigEndian(value);
}

template <typename Integer>
void PutBigEndian(Bytes& out, Integer value) {
  char bytes[sizeof(Integer)];
  WriteBigEndian(bytes, value);
  out.append(bytes, sizeof(Integer));
}

// LEB128, at most this many bytes.
inline constexpr size_t kVarintBytesMax = 10;
// Returns the byte behind.
inline char* WriteVarint(char* at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}
void PutVarint(Bytes& out, uint64_t value);

// A varint length and the bytes.
void PutBlob(Bytes& out, std::string_view bytes);

// 22 bytes that sort as the version does.
inline constexpr size_t kWriterIdBytes = 14;
inline constexpr size_t kVersionBytes = 8 + kWriterIdBytes;
void PutWriterId(Bytes& out, const WriterId& writer);
void PutVersion(Bytes& out, const Version& version);
// Returns the byte behind.
inline char* WriteVersion(char* at, const Version& version) {
  at = WriteBigEndian(at, version.time.bits());
  at = WriteBigEndian(at, version.writer.node.value);
  at = WriteBigEndian(at, version.writer.incarnation.value);
  return WriteBigEndian(at, version.writer.shard.value);
}

// Reads what the functions above wrote. After the first short or malformed read every later one
// gives zero or nothing and `ok()` stays false, so a caller checks once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer BigEndian() {
    if (bytes_.size() < sizeof(Integer)) return static_cast<Integer>(Fail());
    const auto value = ReadBigEndian<Integer>(bytes_.data());
    bytes_.remove_prefix(sizeof(Integer));
    return value;
  }
  uint64_t Varint() {
    if (!bytes_.empty() && static_cast<uint8_t>(bytes_.front()) < 0x80) {
      const auto value = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      return value;
    }
    return LongVarint();
  }
  std::string_view Blob() {
    const uint64_t size = Varint();
    return ok_ ? Raw(size) : std::string_view();
  }
  std::string_view Raw(size_t size) {
    if (size > bytes_.size()) {
      Fail();
      return {};
    }
    const std::string_view result(bytes_.data(), size);
    bytes_.remove_prefix(size);
    return result;
  }
  WriterId Writer() {
    if (bytes_.size() < kWriterIdBytes) return Fail(), WriterId{};
    const WriterId writer = WriterAt(bytes_.data());
    bytes_.remove_prefix(kWriterIdBytes);
    return writer;
  }
  struct Version Version() {
    if (bytes_.size() < kVersionBytes) return Fail(), quorate::Version{};
    const quorate::Version version{HybridTime::FromBits(ReadBigEndian<uint64_t>(bytes_.data())),
                                   WriterAt(bytes_.data() + sizeof(uint64_t))};
    bytes_.remove_prefix(kVersionBytes);
    return version;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return bytes_.empty(); }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

 private:
  static WriterId WriterAt(const char* at) {
    return {NodeId{ReadBigEndian<uint64_t>(at)}, Incarnation{ReadBigEndian<uint32_t>(at + 8)},
            ShardIndex{ReadBigEndian<uint16_t>(at + 12)}};
  }
  uint64_t LongVarint();
  uint64_t Fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace quorate
