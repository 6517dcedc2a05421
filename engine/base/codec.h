// SPDX-License-Identifier: Apache-2.0
// Byte strings read and written by hand: storage keys (big endian, so that they sort), packed cells
// and journal records. Everything else that is stored or sent is FlatBuffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/ids.h"

namespace quorate {

using Bytes = std::string;

template <typename Integer>
void PutBigEndian(Bytes& out, Integer value) {
  char bytes[sizeof(Integer)];
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    bytes[sizeof(Integer) - 1 - i] = static_cast<char>(value & 0xff);
    if constexpr (sizeof(Integer) > 1) value = static_cast<Integer>(value >> 8);
  }
  out.append(bytes, sizeof(Integer));
}

// LEB128, at most 10 bytes.
void PutVarint(Bytes& out, uint64_t value);

// A varint length and the bytes.
void PutBlob(Bytes& out, std::string_view bytes);

// 22 bytes that sort as the version does.
inline constexpr size_t kWriterIdBytes = 14;
inline constexpr size_t kVersionBytes = 8 + kWriterIdBytes;
void PutWriterId(Bytes& out, const WriterId& writer);
void PutVersion(Bytes& out, const Version& version);

// Reads what the functions above wrote. After the first short or malformed read every later one
// gives zero or nothing and `ok()` stays false, so a caller checks once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer BigEndian() {
    if (bytes_.size() < sizeof(Integer)) return static_cast<Integer>(Fail());
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(Integer); ++i)
      value = value << 8 | static_cast<uint8_t>(bytes_[i]);
    bytes_.remove_prefix(sizeof(Integer));
    return static_cast<Integer>(value);
  }
  uint64_t Varint();
  std::string_view Blob();
  std::string_view Raw(size_t size);
  WriterId Writer();
  struct Version Version();

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return bytes_.empty(); }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

 private:
  uint64_t Fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace quorate
