// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/dump_payload.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"
#include "engine/commands/payload_checksum.h"
#include "engine/commands/payload_reader.h"

namespace quorate::commands {
namespace {

using keyspace::ObjectType;

constexpr uint8_t kString = 0;
constexpr uint8_t kHash = 4;
constexpr uint8_t kHashZiplist = 13;
constexpr uint8_t kHashListpack = 16;

constexpr uint16_t kVersion = 10;  // of Redis 7.0
constexpr size_t kVersionSize = 2;
constexpr size_t kChecksumSize = 8;
constexpr size_t kFooterSize = kVersionSize + kChecksumSize;

void PutLittleEndian(Bytes& out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t ReadLittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

void PutLength(Bytes& out, uint64_t length) {
  if (length < 1 << 6) {
    out.push_back(static_cast<char>(length));
  } else if (length < 1 << 14) {
    PutBigEndian(out, static_cast<uint16_t>(length | 1 << 14));
  } else if (length <= std::numeric_limits<uint32_t>::max()) {
    out.push_back(static_cast<char>(0x80));
    PutBigEndian(out, static_cast<uint32_t>(length));
  } else {
    out.push_back(static_cast<char>(0x81));
    PutBigEndian(out, length);
  }
}

// As Redis does it: what is a small integer is stored as one.
void PutString(Bytes& out, std::string_view text) {
  const auto number = keyspace::ParseInteger(text);
  for (size_t form = 0; number.has_value() && form <= 2; ++form) {
    const size_t bytes = size_t{1} << form;
    const int64_t limit = int64_t{1} << (8 * bytes - 1);
    if (*number < -limit || *number >= limit) continue;
    out.push_back(static_cast<char>(0xc0 | form));
    return PutLittleEndian(out, static_cast<uint64_t>(*number), bytes);
  }
  PutLength(out, text.size());
  out.append(text);
}

std::optional<std::vector<Bytes>> ReadHash(PayloadReader& reader) {
  const auto count = reader.Length();
  if (!count.has_value()) return std::nullopt;
  std::vector<Bytes> elements;
  for (uint64_t i = 0; i < *count; ++i) {
    auto name = reader.String();
    auto value = name.has_value() ? reader.String() : std::nullopt;
    if (!value.has_value()) return std::nullopt;
    elements.push_back(*std::move(name));
    elements.push_back(*std::move(value));
  }
  return elements;
}

bool SetFields(std::vector<Bytes> elements, PayloadValue& value) {
  if (elements.empty() || elements.size() % 2 != 0) return false;
  for (size_t i = 0; i < elements.size(); i += 2) {
    value.fields.emplace_back(std::move(elements[i]), std::move(elements[i + 1]));
  }
  std::sort(value.fields.begin(), value.fields.end());
  const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
  return std::adjacent_find(value.fields.begin(), value.fields.end(), same_name) ==
         value.fields.end();
}

std::optional<std::vector<Bytes>> ReadElements(uint8_t form, PayloadReader& reader) {
  if (form == kHash) return ReadHash(reader);
  if (form != kHashZiplist && form != kHashListpack) return std::nullopt;
  const auto packed = reader.String();
  if (!packed.has_value()) return std::nullopt;
  return form == kHashListpack ? ReadListpack(*packed) : ReadZiplist(*packed);
}

}  // namespace

Bytes DumpPayload(const keyspace::ObjectView& object) {
  QUORATE_CHECK(object.exists());
  Bytes out;
  if (object.type() == ObjectType::kString) {
    Bytes scratch;
    out.push_back(static_cast<char>(kString));
    PutString(out, object.String(scratch));
  } else {
    QUORATE_CHECK(object.type() == ObjectType::kHash);
    out.push_back(static_cast<char>(kHash));
    PutLength(out, object.fields());
    object.ForEachField([&out](std::string_view name, std::string_view value) {
      PutString(out, name);
      PutString(out, value);
      return true;
    });
  }
  return SealPayload(std::move(out));
}

Bytes SealPayload(Bytes body) {
  PutLittleEndian(body, kVersion, kVersionSize);
  PutLittleEndian(body, PayloadChecksum(body), kChecksumSize);
  return body;
}

bool PayloadIsWhole(std::string_view payload) {
  if (payload.size() < kFooterSize) return false;
  const std::string_view checked = payload.substr(0, payload.size() - kChecksumSize);
  const std::string_view version = checked.substr(checked.size() - kVersionSize);
  return ReadLittleEndian(version) <= kVersion &&
         ReadLittleEndian(payload.substr(checked.size())) == PayloadChecksum(checked);
}

std::optional<PayloadValue> ParsePayload(std::string_view payload) {
  PayloadReader reader(payload.substr(0, payload.size() - kFooterSize));
  const auto form = reader.Byte();
  if (!form.has_value()) return std::nullopt;
  PayloadValue value;
  if (*form == kString) {
    auto text = reader.String();
    if (!text.has_value()) return std::nullopt;
    value.text = *std::move(text);
  } else {
    auto elements = ReadElements(*form, reader);
    if (!elements.has_value() || !SetFields(*std::move(elements), value)) return std::nullopt;
    value.type = ObjectType::kHash;
  }
  if (!reader.at_end()) return std::nullopt;
  return value;
}

}  // namespace quorate::commands
