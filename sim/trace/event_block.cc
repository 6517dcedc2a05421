// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/event_block.h"

#include <limits>
#include <utility>

#include "engine/base/check.h"
#include "sim/trace/limits.h"

namespace quorate::sim {
namespace {

constexpr uint8_t kKindMask = 0x0f;
constexpr uint8_t kSameTime = 0x10;
constexpr uint8_t kSameNode = 0x20;
constexpr uint8_t kNoPeer = 0x40;
constexpr uint8_t kShardZero = 0x80;
static_assert(kEventKinds <= kKindMask + 1);

// Most events take less; a block has room for as many as it may hold.
constexpr size_t kEventBytesUsual = 7;

uint8_t Fold(uint64_t hash) {
  hash ^= hash >> 32;
  hash ^= hash >> 16;
  return static_cast<uint8_t>(hash ^ (hash >> 8));
}

// Reads one event behind `before`. False where the bytes are malformed.
bool ReadEvent(ByteReader& reader, TraceEvent& event) {
  const auto head = reader.BigEndian<uint8_t>();
  if ((head & kKindMask) >= kEventKinds) return false;
  event.kind = static_cast<EventKind>(head & kKindMask);
  if ((head & kSameTime) == 0) {
    const uint64_t later = reader.Varint();
    if (later == 0 || later > std::numeric_limits<uint64_t>::max() - event.time.us) return false;
    event.time.us += later;
  }
  if ((head & kSameNode) == 0) {
    const uint64_t node = reader.Varint();
    if (node > std::numeric_limits<uint32_t>::max()) return false;
    event.node = node == 0 ? kNoNode : NodeIndex{static_cast<uint32_t>(node - 1)};
  }
  event.peer = kNoNode.value;
  if ((head & kNoPeer) == 0) {
    const uint64_t peer = reader.Varint();
    if (peer >= kNoNode.value) return false;
    event.peer = static_cast<uint32_t>(peer);
  }
  event.shard = 0;
  if ((head & kShardZero) == 0) {
    const uint64_t shard = reader.Varint();
    if (shard == 0 || shard > std::numeric_limits<uint16_t>::max()) return false;
    event.shard = static_cast<uint16_t>(shard);
  }
  const uint64_t ago = reader.Varint();
  if (ago >= event.id.value) return false;
  event.cause = ago == 0 ? EventId{} : EventId{event.id.value - ago};
  event.check = reader.BigEndian<uint8_t>();
  return reader.ok();
}

}  // namespace

TraceEvent Traced(const WorldEvent& event) {
  return {event.id,   event.cause, event.time, event.kind,
          event.node, event.shard, event.peer, Fold(event.argument)};
}

std::string Describe(const TraceEvent& event) {
  std::string text =
      Format("event %u at %u.%06u s, caused by %u: %s", event.id.value, event.time.us / 1'000'000,
             event.time.us % 1'000'000, event.cause.value, NameOf(event.kind));
  if (event.node != kNoNode) text += Format(" at node %u shard %u", event.node.value, event.shard);
  if (event.peer != kNoNode.value) text += Format(", peer %u", event.peer);
  return text + Format(", content %02x", event.check);
}

void EventEncoder::Add(const TraceEvent& event) {
  QUORATE_CHECK(!full());
  QUORATE_CHECK(event.cause < event.id);
  if (empty()) {
    block_.first = event.id;
    time_ = {};
    node_ = {};
  }
  QUORATE_CHECK(event.id == next());
  QUORATE_CHECK(event.time >= time_);
  if (block_.bytes.size() - used_ < kEventBytesMax) {
    block_.bytes.resize(block_.bytes.size() + kBlockEvents * kEventBytesUsual);
  }
  auto head = static_cast<uint8_t>(event.kind);
  if (event.time == time_) head |= kSameTime;
  if (event.node == node_) head |= kSameNode;
  if (event.peer == kNoNode.value) head |= kNoPeer;
  if (event.shard == 0) head |= kShardZero;
  char* const begin = block_.bytes.data() + used_;
  char* at = begin;
  *at++ = static_cast<char>(head);
  if (event.time != time_) at = WriteVarint(at, event.time.us - time_.us);
  if (event.node != node_) {
    at = WriteVarint(at, event.node == kNoNode ? 0 : uint64_t{event.node.value} + 1);
  }
  if (event.peer != kNoNode.value) at = WriteVarint(at, event.peer);
  if (event.shard != 0) at = WriteVarint(at, event.shard);
  at = WriteVarint(at, event.cause.value == 0 ? 0 : event.id.value - event.cause.value);
  *at++ = static_cast<char>(event.check);
  used_ += static_cast<size_t>(at - begin);
  time_ = event.time;
  node_ = event.node;
  ++block_.events;
}

EventBlock EventEncoder::Take() {
  block_.bytes.resize(std::exchange(used_, 0));
  return std::exchange(block_, EventBlock());
}

absl::Status ForEachEvent(const EventBlock& block,
                          const std::function<bool(const TraceEvent&)>& visit) {
  ByteReader reader(block.bytes);
  TraceEvent event;
  if (block.events > kBlockEvents || block.first.value == 0 ||
      block.first.value > std::numeric_limits<uint64_t>::max() - kBlockEvents) {
    return DataLoss("a block of events with impossible numbers");
  }
  for (uint32_t i = 0; i < block.events; ++i) {
    event.id = {block.first.value + i};
    if (!ReadEvent(reader, event)) {
      return DataLoss(Format("event %u is malformed", event.id.value));
    }
    if (!visit(event)) return absl::OkStatus();
  }
  if (!reader.AtEnd()) return DataLoss("bytes after the last event of a block");
  return absl::OkStatus();
}

}  // namespace quorate::sim
