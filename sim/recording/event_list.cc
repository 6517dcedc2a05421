// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/event_list.h"

#include <utility>

#include "adapters/recording/message_form.h"
#include "engine/node/saved.h"
#include "engine/wire/frame.h"
#include "sim/recording/replayed_doors.h"

namespace quorate::sim {
namespace {

using recording::EventKind;

// What the world says of a client is read into one that nobody uses.
class NoTap final : public node::ReplyTap {
 public:
  void Replied(ClientId, commands::RequestSlot, std::string_view) override {}
  void Released(ClientId, uint64_t) override {}
};

void SkipScan(ByteReader& reader) {
  reader.Varint();
  if (static_cast<absl::StatusCode>(reader.Varint()) != absl::StatusCode::kOk) return;
  const uint64_t rows = reader.Varint();
  for (uint64_t i = 0; i < rows && reader.ok(); ++i) {
    reader.Blob();
    reader.Blob();
  }
  static_cast<void>(node::ReadFlag(reader));
}

void SkipRequest(ByteReader& reader) {
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t length = reader.Varint();
    if ((length & 1) != 0) {
      reader.BigEndian<uint64_t>();
    } else {
      reader.Raw(static_cast<size_t>(length >> 1));
    }
  }
}

// Behind the kind; false for a kind that is none.
bool Skip(RecordedEvent& event, commands::Client& nobody, ByteReader& reader) {
  if (event.kind >= EventKind::kAttach && event.kind <= EventKind::kRequest) {
    event.pool = PoolId{reader.BigEndian<uint16_t>()};
    event.client = ClientId{reader.Varint()};
  }
  switch (event.kind) {
    case EventKind::kBeginTick:
    case EventKind::kCommitDone:
      reader.Varint();
      reader.Varint();
      return true;
    case EventKind::kFrame:
      reader.Blob();
      return true;
    case EventKind::kMessage:
      recording::SkipMessage(reader);
      return true;
    case EventKind::kScanDone:
      SkipScan(reader);
      return true;
    case EventKind::kClient:
      node::ReadClient(reader, nobody);
      return true;
    case EventKind::kRequest:
      SkipRequest(reader);
      return true;
    case EventKind::kEndTick:
      reader.BigEndian<uint32_t>();
      return true;
    case EventKind::kStart:
    case EventKind::kStop:
    case EventKind::kAttach:
    case EventKind::kDetach:
      return true;
  }
  return false;
}

}  // namespace

absl::Status ForEachEvent(const recording::Recording& recording,
                          const std::function<void(const RecordedEvent&)>& visit) {
  NoTap tap;
  const ReplayWatchers none({});
  ReplayedClient nobody({}, {}, tap, none);
  for (const std::string_view block : recording.ticks) {
    ByteReader reader(block);
    while (!reader.AtEnd()) {
      const std::string_view before = reader.rest();
      RecordedEvent event;
      event.kind = static_cast<EventKind>(reader.BigEndian<uint8_t>());
      if (!Skip(event, nobody, reader)) return DataLoss("an event is of no known kind");
      if (!reader.ok()) return DataLoss("an event is malformed");
      event.bytes = before.substr(0, before.size() - reader.rest().size());
      visit(event);
    }
  }
  return absl::OkStatus();
}

bool IsMessage(EventKind kind) { return kind == EventKind::kMessage || kind == EventKind::kFrame; }

absl::StatusOr<wire::Message> MessageOfEvent(EventKind kind, ByteReader& reader) {
  if (kind == EventKind::kMessage) return recording::ReadMessage(reader);
  QUORATE_ASSIGN_OR_RETURN(wire::Frame frame, wire::DecodeFrame(reader.Blob()));
  if (frame.envelopes.size() != 1) return DataLoss("a message is malformed");
  return std::move(frame.envelopes.front().message);
}

absl::StatusOr<uint64_t> CountTicks(const recording::Recording& recording) {
  uint64_t ticks = 0;
  QUORATE_RETURN_IF_ERROR(ForEachEvent(recording, [&ticks](const RecordedEvent& event) {
    if (event.kind == EventKind::kEndTick) ++ticks;
  }));
  return ticks;
}

}  // namespace quorate::sim
