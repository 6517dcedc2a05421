// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/event_block.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/random.h"

namespace quorate::sim {
namespace {

std::vector<TraceEvent> Draw(uint64_t seed, size_t count) {
  Prng draws(seed);
  std::vector<TraceEvent> events;
  TraceEvent event;
  event.id = {draws.Between(1, 1'000'000'000'000)};
  for (size_t i = 0; i < count; ++i, ++event.id.value) {
    event.cause = draws.Chance(1, 5)
                      ? EventId{}
                      : EventId{event.id.value - 1 - draws.Below(event.id.value - 1)};
    if (draws.Chance(2, 3)) event.time.us += draws.Below(uint64_t{1} << draws.Below(50));
    event.kind = static_cast<EventKind>(draws.Below(kEventKinds));
    event.node = draws.Chance(1, 5) ? kNoNode : NodeIndex{static_cast<uint32_t>(draws.Below(1000))};
    event.shard = static_cast<uint16_t>(draws.Chance(1, 2) ? 0 : draws.Below(65536));
    event.peer =
        draws.Chance(1, 2) ? kNoNode.value : static_cast<uint32_t>(draws.Below(kNoNode.value));
    event.check = static_cast<uint8_t>(draws.Next());
    events.push_back(event);
  }
  return events;
}

EventBlock Encode(const std::vector<TraceEvent>& events) {
  EventEncoder encoder;
  for (const TraceEvent& event : events) encoder.Add(event);
  return encoder.Take();
}

absl::StatusOr<std::vector<TraceEvent>> Decode(const EventBlock& block) {
  std::vector<TraceEvent> events;
  const absl::Status status = ForEachEvent(block, [&](const TraceEvent& event) {
    events.push_back(event);
    return true;
  });
  if (!status.ok()) return status;
  return events;
}

RC_GTEST_PROP(EventBlock, DecodesWhatWasEncoded, (uint64_t seed)) {
  const std::vector<TraceEvent> events = Draw(seed, *rc::gen::inRange<size_t>(0, 200));
  const EventBlock block = Encode(events);
  if (events.empty()) return;
  const auto decoded = Decode(block);
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == events);
  RC_ASSERT(block.bytes.size() <= events.size() * kEventBytesMax);
}

RC_GTEST_PROP(EventBlock, RefusesEveryTruncation, (uint64_t seed)) {
  EventBlock block = Encode(Draw(seed, 20));
  block.bytes.resize(*rc::gen::inRange<size_t>(0, block.bytes.size()));
  RC_ASSERT(Decode(block).status().code() == absl::StatusCode::kDataLoss);
}

RC_GTEST_PROP(EventBlock, NeverReadsBeyondAnyBytes, (uint64_t seed, const std::string& bytes)) {
  Prng draws(seed);
  const EventBlock block{
      {draws.Next()}, static_cast<uint32_t>(draws.Below(2 * kBlockEvents)), bytes};
  const auto decoded = Decode(block);
  if (decoded.ok()) RC_ASSERT(decoded->size() == block.events);
}

TEST(EventBlock, RefusesTrailingBytes) {
  EventBlock block = Encode(Draw(1, 3));
  block.bytes.push_back('\0');
  EXPECT_EQ(Decode(block).status().code(), absl::StatusCode::kDataLoss);
}

TEST(EventBlock, StopsWhenTheVisitorHasEnough) {
  const EventBlock block = Encode(Draw(1, 10));
  int seen = 0;
  ASSERT_TRUE(ForEachEvent(block, [&](const TraceEvent&) { return ++seen < 4; }).ok());
  EXPECT_EQ(seen, 4);
}

TEST(EventBlock, SpendsThreeBytesOnAnEventLikeTheOneBefore) {
  EventEncoder encoder;
  TraceEvent event;
  event.id = {1};
  encoder.Add(event);
  const size_t bytes = encoder.Take().bytes.size();
  EXPECT_EQ(bytes, 3u);  // head, cause, check
}

TEST(EventBlock, FoldsAllOfWhatAnEventCarries) {
  WorldEvent event;
  const uint8_t check = Traced(event).check;
  for (int bit = 0; bit < 64; ++bit) {
    event.argument = uint64_t{1} << bit;
    EXPECT_NE(Traced(event).check, check) << bit;
  }
}

}  // namespace
}  // namespace quorate::sim
