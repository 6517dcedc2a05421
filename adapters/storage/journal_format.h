// SPDX-License-Identifier: Apache-2.0
// The bytes of the journal. A journal is a sequence of segment files NAME.journal-ID (ID in 16 hex
// digits), each a header in a sector of its own and records behind each other. Integers are big
// endian.
//
//   segment header                           record
//   offset  size                             offset  size
//        0     8  magic "qjournal"                0     4  magic "qjr" and the version, 1
//        8     4  format version, 1               4     4  CRC-32C of the salt and bytes 8 to 40
//       12     4  CRC-32C of bytes 16 to 32       8     8  segment id
//       16     8  segment id                     16     8  sequence
//       24     8  first sequence                 24     8  sequence known durable when this was
//       written 32   480  zeros                          32     4  payload size
//                                                36     4  CRC-32C of the payload
//                                                40        payload: the bytes of a WriteBatch
//
// Sequences rise by one from record to record, through all segments, and never restart. A segment's
// header is written and synced, and so is every record before `first sequence`, before its first
// record is written: a valid header is proof that everything before it was durable. Segment ids are
// never used again, so what an older life of a recycled file left behind is not taken for a record.
// Nor is a record that a client put inside of a value: the salt is random, kept in the checkpoint,
// and never leaves it. (The header's own checksum also bounds the search for records behind damage:
// no payload is summed unless its header is genuine.)
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/codec.h"
#include "engine/base/planted_bug.h"

namespace quorate::storage {

// The number of a record in the journal, from 1. Zero: before all of them.
struct Sequence {
  uint64_t value = 0;
  friend auto operator<=>(const Sequence&, const Sequence&) = default;
  [[nodiscard]] Sequence Next() const { return {value + 1}; }
};

struct SegmentId {
  uint64_t value = 0;
  friend auto operator<=>(const SegmentId&, const SegmentId&) = default;
};

inline constexpr std::string_view kSegmentMagic = "qjournal";
inline constexpr uint32_t kJournalVersion = 1;
inline constexpr std::string_view kRecordMagic = std::string_view("qjr\x01", 4);
inline constexpr size_t kSegmentHeaderBytes = 512;
inline constexpr size_t kRecordHeaderBytes = 40;

static_assert(kSegmentMagic.size() + 4 + 4 + 8 + 8 + 480 == kSegmentHeaderBytes);
static_assert(kRecordMagic.size() + 4 + 8 + 8 + 8 + 4 + 4 == kRecordHeaderBytes);

// What makes the records of one segment recognisable.
struct SegmentKey {
  SegmentId id;
  uint64_t salt = 0;
  PlantedBug planted = PlantedBug::kNone;
};

struct SegmentHeader {
  SegmentId id;
  Sequence first;
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

struct Record {
  Sequence sequence;
  Sequence durable;
  std::string_view payload;
  [[nodiscard]] size_t size() const { return kRecordHeaderBytes + payload.size(); }
};

[[nodiscard]] Bytes EncodeSegmentHeader(const SegmentHeader& header);

// What the first bytes of a segment file are. A header of another version is not damage: it says
// so.
enum class HeaderState : uint8_t { kValid, kDamaged, kOtherVersion };
struct DecodedHeader {
  HeaderState state = HeaderState::kDamaged;
  uint32_t version = 0;
  SegmentHeader header;
};
[[nodiscard]] DecodedHeader DecodeSegmentHeader(std::string_view bytes);

// Appends the record to `out`. Requires: the payload is shorter than 4 GiB.
void AppendRecord(const SegmentKey& segment, const Record& record, Bytes& out);
// The record at the start of `bytes`, which may go on behind it; nothing if there is no valid
// record of this segment.
[[nodiscard]] std::optional<Record> ParseRecord(const SegmentKey& segment, std::string_view bytes);

[[nodiscard]] std::string SegmentFileName(std::string_view name, SegmentId id);
// The id in a file name that SegmentFileName made for `name`; nothing for any other file.
[[nodiscard]] std::optional<SegmentId> ParseSegmentFileName(std::string_view name,
                                                            std::string_view file);

}  // namespace quorate::storage
