// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/payload_reader.h"

#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

// An integer of `size` bytes, the lowest first, with its sign.
int64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  const auto unused = 64 - 8 * bytes.size();
  return static_cast<int64_t>(value << unused) >> unused;
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// Three bytes of LZF stand for at most this many.
constexpr uint64_t kLzfBytesMax = 264;

std::optional<Bytes> Decompress(std::string_view packed, uint64_t size) {
  if (size / kLzfBytesMax > packed.size()) return std::nullopt;
  Bytes out;
  out.reserve(size);
  PayloadReader reader(packed);
  while (!reader.at_end()) {
    const uint8_t control = *reader.Byte();
    if (control < 32) {  // bytes as they are
      const auto literal = reader.Raw(uint64_t{control} + 1);
      if (!literal.has_value()) return std::nullopt;
      out.append(*literal);
    } else {  // bytes that were there before
      size_t count = control >> 5;
      if (count == 7) {
        const auto more = reader.Byte();
        if (!more.has_value()) return std::nullopt;
        count += *more;
      }
      const auto low = reader.Byte();
      const size_t back = (size_t{control} & 0x1f) << 8 | low.value_or(0);
      if (!low.has_value() || back + 1 > out.size()) return std::nullopt;
      size_t from = out.size() - back - 1;
      for (count += 2; count > 0; --count) out.push_back(out[from++]);  // they may overlap
    }
    if (out.size() > size) return std::nullopt;
  }
  if (out.size() != size) return std::nullopt;
  return out;
}

constexpr uint8_t kEndOfList = 0xff;

std::optional<Bytes> IntegerElement(PayloadReader& reader, uint64_t bytes) {
  const auto raw = reader.Raw(bytes);
  if (!raw.has_value()) return std::nullopt;
  return ToDecimal(LittleEndian(*raw));
}

std::optional<Bytes> TextElement(PayloadReader& reader, uint64_t bytes) {
  const auto raw = reader.Raw(bytes);
  if (!raw.has_value()) return std::nullopt;
  return Bytes(*raw);
}

// An element of a listpack, and in `size` how many bytes it took.
std::optional<Bytes> ListpackElement(PayloadReader& reader, uint8_t head, uint64_t& size) {
  size = 1;
  if (head < 0x80) return ToDecimal(head);
  if (head < 0xc0) {
    size += head & 0x3f;
    return TextElement(reader, head & 0x3f);
  }
  if (head < 0xf0) {
    const auto low = reader.Byte();
    if (!low.has_value()) return std::nullopt;
    size = 2;
    if (head < 0xe0) {  // 13 bits with a sign
      const int value = (head & 0x1f) << 8 | *low;
      return ToDecimal(value >= 1 << 12 ? value - (1 << 13) : value);
    }
    const uint64_t bytes = uint64_t{head & 0x0fU} << 8 | *low;
    size += bytes;
    return TextElement(reader, bytes);
  }
  if (head == 0xf0) {
    const auto raw = reader.Raw(4);
    if (!raw.has_value()) return std::nullopt;
    const auto bytes = static_cast<uint64_t>(LittleEndian(*raw)) & 0xffffffff;
    size = 5 + bytes;
    return TextElement(reader, bytes);
  }
  if (head > 0xf4) return std::nullopt;
  const uint64_t bytes = head == 0xf4 ? 8 : uint64_t{head & 0x0fU} + 1;
  size += bytes;
  return IntegerElement(reader, bytes);
}

// The length of the length that ends an element, for who reads from the back.
uint64_t BackLength(uint64_t size) {
  uint64_t bytes = 1;
  for (uint64_t limit = 127; size > limit && bytes < 5; limit = limit << 7 | 127) ++bytes;
  return bytes;
}

std::optional<Bytes> ZiplistElement(PayloadReader& reader, uint8_t head) {
  switch (head >> 6) {
    case 0:
      return TextElement(reader, head & 0x3f);
    case 1: {
      const auto low = reader.Byte();
      if (!low.has_value()) return std::nullopt;
      return TextElement(reader, uint64_t{head & 0x3fU} << 8 | *low);
    }
    case 2: {
      const auto raw = reader.Raw(4);
      if (!raw.has_value()) return std::nullopt;
      return TextElement(reader, BigEndian(*raw));
    }
    default:
      break;
  }
  if (head == 0xc0) return IntegerElement(reader, 2);
  if (head == 0xd0) return IntegerElement(reader, 4);
  if (head == 0xe0) return IntegerElement(reader, 8);
  if (head == 0xf0) return IntegerElement(reader, 3);
  if (head == 0xfe) return IntegerElement(reader, 1);
  if (head >= 0xf1 && head <= 0xfd) return ToDecimal(head - 0xf1);
  return std::nullopt;
}

}  // namespace

std::optional<uint8_t> PayloadReader::Byte() {
  const auto raw = Raw(1);
  if (!raw.has_value()) return std::nullopt;
  return static_cast<uint8_t>(raw->front());
}

std::optional<std::string_view> PayloadReader::Raw(uint64_t size) {
  if (size > rest_.size()) return std::nullopt;
  const std::string_view raw = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return raw;
}

std::optional<uint64_t> PayloadReader::Length() {
  const auto head = Byte();
  if (!head.has_value() || *head >> 6 == 3) return std::nullopt;
  if (*head >> 6 == 0) return *head;
  if (*head >> 6 == 1) {
    const auto low = Byte();
    if (!low.has_value()) return std::nullopt;
    return uint64_t{*head & 0x3fU} << 8 | *low;
  }
  if (*head != 0x80 && *head != 0x81) return std::nullopt;
  const auto raw = Raw(*head == 0x80 ? 4 : 8);
  if (!raw.has_value()) return std::nullopt;
  return BigEndian(*raw);
}

std::optional<Bytes> PayloadReader::String() {
  if (rest_.empty()) return std::nullopt;
  const auto head = static_cast<uint8_t>(rest_.front());
  if (head >> 6 == 3) {
    rest_.remove_prefix(1);
    return Special(head & 0x3f);
  }
  const auto size = Length();
  return size.has_value() ? TextElement(*this, *size) : std::nullopt;
}

std::optional<Bytes> PayloadReader::Special(uint8_t form) {
  if (form <= 2) return IntegerElement(*this, uint64_t{1} << form);
  if (form != 3) return std::nullopt;
  const auto packed_size = Length();
  const auto size = Length();
  if (!packed_size.has_value() || !size.has_value()) return std::nullopt;
  const auto packed = Raw(*packed_size);
  return packed.has_value() ? Decompress(*packed, *size) : std::nullopt;
}

std::optional<std::vector<Bytes>> ReadListpack(std::string_view bytes) {
  constexpr size_t kHeader = 6;
  PayloadReader reader(bytes);
  if (!reader.Raw(kHeader).has_value()) return std::nullopt;
  std::vector<Bytes> elements;
  while (true) {
    const auto head = reader.Byte();
    if (!head.has_value()) return std::nullopt;
    if (*head == kEndOfList) break;
    uint64_t size = 0;
    auto element = ListpackElement(reader, *head, size);
    if (!element.has_value() || !reader.Raw(BackLength(size)).has_value()) return std::nullopt;
    elements.push_back(*std::move(element));
  }
  if (!reader.at_end()) return std::nullopt;
  return elements;
}

std::optional<std::vector<Bytes>> ReadZiplist(std::string_view bytes) {
  constexpr size_t kHeader = 10;
  constexpr uint8_t kLongDistance = 0xfe;
  PayloadReader reader(bytes);
  if (!reader.Raw(kHeader).has_value()) return std::nullopt;
  std::vector<Bytes> elements;
  while (true) {
    const auto distance = reader.Byte();  // to the element before
    if (!distance.has_value()) return std::nullopt;
    if (*distance == kEndOfList) break;
    if (*distance == kLongDistance && !reader.Raw(4).has_value()) return std::nullopt;
    const auto head = reader.Byte();
    auto element = head.has_value() ? ZiplistElement(reader, *head) : std::nullopt;
    if (!element.has_value()) return std::nullopt;
    elements.push_back(*std::move(element));
  }
  if (!reader.at_end()) return std::nullopt;
  return elements;
}

}  // namespace quorate::commands
