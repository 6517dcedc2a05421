// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/draft.h"

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

using recording::EventKind;

struct Scan {
  std::string_view head;  // kind, token, status
  std::vector<std::string_view> rows;
  std::string_view tail;
};

// Of a scan that has failed there are no rows.
Scan TakeApart(std::string_view bytes) {
  ByteReader reader(bytes.substr(1));
  reader.Varint();
  const bool ok = static_cast<absl::StatusCode>(reader.Varint()) == absl::StatusCode::kOk;
  Scan scan;
  scan.head = bytes.substr(0, bytes.size() - reader.rest().size());
  if (!ok) return scan;
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view before = reader.rest();
    reader.Blob();
    reader.Blob();
    scan.rows.push_back(before.substr(0, before.size() - reader.rest().size()));
  }
  scan.tail = reader.rest();
  return scan;
}

void PutScan(Bytes& out, const Scan& scan, const std::vector<size_t>& kept) {
  out += scan.head;
  if (scan.tail.empty()) return;
  PutVarint(out, kept.size());
  for (const size_t row : kept) out += scan.rows[row];
  out += scan.tail;
}

}  // namespace

absl::StatusOr<RecordingDraft> RecordingDraft::Of(Bytes file) {
  RecordingDraft draft;
  draft.file_ = std::make_unique<Bytes>(std::move(file));
  QUORATE_ASSIGN_OR_RETURN(draft.recording_, recording::ReadRecording(*draft.file_));
  int64_t monotonic = 0, wall = 0;
  bool malformed = false;
  QUORATE_RETURN_IF_ERROR(ForEachEvent(draft.recording_, [&](const RecordedEvent& event) {
    DraftEvent part{event, draft.ticks_, {}, 0, 0};
    ByteReader reader(event.bytes.substr(1));
    if (event.kind == EventKind::kEndTick) {
      ++draft.ticks_;
    } else if (event.kind == EventKind::kBeginTick) {
      part.monotonic_us = monotonic += recording::ReadSigned(reader);
      part.wall_ms = wall += recording::ReadSigned(reader);
    } else if (IsMessage(event.kind)) {
      const absl::StatusOr<wire::Message> message = MessageOfEvent(event.kind, reader);
      malformed = malformed || !message.ok();
      if (message.ok()) part.node = message->sender.node;
    } else if (event.kind == EventKind::kScanDone) {
      const size_t rows = TakeApart(event.bytes).rows.size();
      for (size_t row = 0; row < rows; ++row) draft.rows_.push_back({draft.events_.size(), row});
    }
    draft.events_.push_back(part);
  }));
  if (malformed) return DataLoss("a message is malformed");
  return draft;
}

Bytes RecordingDraft::Assemble(const DraftCut& cut) const {
  Bytes out;
  int64_t monotonic = 0, wall = 0;
  for (const size_t index : cut.events) {
    const DraftEvent& part = events_[index];
    if (part.event.kind == EventKind::kBeginTick) {
      out.push_back(static_cast<char>(EventKind::kBeginTick));
      recording::PutSigned(out, part.monotonic_us - std::exchange(monotonic, part.monotonic_us));
      recording::PutSigned(out, part.wall_ms - std::exchange(wall, part.wall_ms));
    } else if (part.event.kind == EventKind::kScanDone && cut.rows) {
      std::vector<size_t> kept;
      for (const size_t row : *cut.rows) {
        if (rows_[row].event == index) kept.push_back(rows_[row].row);
      }
      PutScan(out, TakeApart(part.event.bytes), kept);
    } else {
      out += part.event.bytes;
    }
  }
  return out;
}

}  // namespace quorate::sim
