// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/journal_format.h"

#include <charconv>
#include <limits>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/hash/digest.h"

namespace quorate::storage {
namespace {

constexpr std::string_view kSegmentInfix = ".journal-";
constexpr size_t kIdDigits = 16;
constexpr size_t kCheckedHeaderBytes = 16;  // of a segment header: id and first sequence
constexpr size_t kRecordCheckedFrom = 8;

uint32_t Salted(uint64_t salt) {
  Bytes bytes;
  PutBigEndian(bytes, salt);
  return hash::Crc32c(bytes);
}

}  // namespace

Bytes EncodeSegmentHeader(const SegmentHeader& header) {
  Bytes checked;
  PutBigEndian(checked, header.id.value);
  PutBigEndian(checked, header.first.value);
  Bytes out(kSegmentMagic);
  PutBigEndian(out, kJournalVersion);
  PutBigEndian(out, hash::Crc32c(checked));
  out += checked;
  out.resize(kSegmentHeaderBytes);
  return out;
}

DecodedHeader DecodeSegmentHeader(std::string_view bytes) {
  DecodedHeader result;
  ByteReader reader(bytes);
  const bool magic = reader.Raw(kSegmentMagic.size()) == kSegmentMagic;
  result.version = reader.BigEndian<uint32_t>();
  const uint32_t crc = reader.BigEndian<uint32_t>();
  const std::string_view checked = reader.rest().substr(0, kCheckedHeaderBytes);
  result.header.id.value = reader.BigEndian<uint64_t>();
  result.header.first.value = reader.BigEndian<uint64_t>();
  if (!reader.ok() || !magic) return result;
  // The checksum stands at the same place in every version, so a damaged version number is damage.
  if (hash::Crc32c(checked) != crc) return result;
  result.state =
      result.version == kJournalVersion ? HeaderState::kValid : HeaderState::kOtherVersion;
  return result;
}

void AppendRecord(const SegmentKey& segment, const Record& record, Bytes& out) {
  QUORATE_CHECK(record.payload.size() <= std::numeric_limits<uint32_t>::max());
  Bytes checked;
  PutBigEndian(checked, segment.id.value);
  PutBigEndian(checked, record.sequence.value);
  PutBigEndian(checked, record.durable.value);
  PutBigEndian(checked, static_cast<uint32_t>(record.payload.size()));
  PutBigEndian(checked, hash::Crc32c(record.payload));
  out += kRecordMagic;
  PutBigEndian(out, hash::Crc32c(checked, Salted(segment.salt)));
  out += checked;
  out += record.payload;
}

std::optional<Record> ParseRecord(const SegmentKey& segment, std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.Raw(kRecordMagic.size()) != kRecordMagic) return std::nullopt;
  const uint32_t crc = reader.BigEndian<uint32_t>();
  const std::string_view checked = reader.rest().substr(0, kRecordHeaderBytes - kRecordCheckedFrom);
  // The id first: a recycled segment is full of old records, whose checksums need not be computed.
  if (reader.BigEndian<uint64_t>() != segment.id.value) return std::nullopt;
  Record record;
  record.sequence.value = reader.BigEndian<uint64_t>();
  record.durable.value = reader.BigEndian<uint64_t>();
  const uint32_t size = reader.BigEndian<uint32_t>();
  const uint32_t payload_crc = reader.BigEndian<uint32_t>();
  if (!reader.ok() || hash::Crc32c(checked, Salted(segment.salt)) != crc) return std::nullopt;
  record.payload = reader.Raw(size);
  if (!reader.ok()) return std::nullopt;
  if (hash::Crc32c(record.payload) != payload_crc &&
      !QUORATE_PLANTED(segment.planted, kRecordUnchecked)) {
    return std::nullopt;
  }
  return record;
}

std::string SegmentFileName(std::string_view name, SegmentId id) {
  return Format("%s%s%016x", name, kSegmentInfix, id.value);
}

std::optional<SegmentId> ParseSegmentFileName(std::string_view name, std::string_view file) {
  if (!file.starts_with(name)) return std::nullopt;
  file.remove_prefix(name.size());
  if (!file.starts_with(kSegmentInfix)) return std::nullopt;
  file.remove_prefix(kSegmentInfix.size());
  if (file.size() != kIdDigits) return std::nullopt;
  SegmentId id;
  const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), id.value, 16);
  if (error != std::errc() || end != file.data() + file.size()) return std::nullopt;
  return id;
}

}  // namespace quorate::storage
