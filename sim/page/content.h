// SPDX-License-Identifier: Apache-2.0
// What is on a page: of a run, or of the recording of a shard.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/page/survey.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct PageEvent {
  WorldEvent event;
  std::string_view kind;        // its name
  SimTime sent;                 // of a message or bytes: when they left
  std::vector<EventId> inputs;  // of a tick
  std::string note;
  // Of the shard of a recording: the tick to which it belongs, and the key that it names.
  uint64_t tick = 0;
  std::string key;
  bool chain = false;
  bool story = false;  // it concerns the key of the failure
};

enum class PageVerdict : uint8_t { kOpen, kOk, kError, kUnknown };
[[nodiscard]] std::string_view NameOf(PageVerdict verdict);

struct PageOperation {
  uint64_t number = 0;
  uint32_t client = 0;
  NodeIndex node;
  SimTime begin;
  SimTime end;
  EventId begin_event;
  EventId end_event;
  PageVerdict verdict = PageVerdict::kOpen;
  std::string_view phase;  // of the run; empty where there are none
  std::string command;
  std::string answer;
  std::string levels;
  bool story = false;
  bool named = false;   // by the failure
  bool failed = false;  // what it was answered is the failure
};

struct PageLife {
  NodeIndex node;
  uint32_t life = 0;
  uint16_t shards = 0;
  SimTime from;
  std::optional<SimTime> until;
  std::string_view end = "up";  // crashed, stopped
  // Of a run.
  EventId began_event{};
  EventId ended_event{};
};

struct PageFault {
  uint64_t id = 0;
  FaultKind kind = FaultKind::kCrash;
  std::vector<NodeIndex> nodes;
  SimTime from;
  std::optional<SimTime> until;
  uint64_t effects = 0;
  EventId began_event{};
  EventId ended_event{};
};

// What of the run is not on the page.
struct PageLeftOut {
  uint64_t story = 0;
  uint64_t operations = 0;
  uint64_t faults = 0;
  uint64_t lives = 0;
};

struct PageContent {
  PagePlan plan;
  std::map<EventId, PageEvent> events;
  std::map<uint64_t, PageOperation> operations;
  std::vector<PageLife> lives;
  std::vector<PageFault> faults;
  std::vector<std::pair<SimTime, Phase>> phases;
  bool recorded = false;  // the shard of a recording: events are told by their ticks
  PageLeftOut left_out;
  SimTime ended;
};

}  // namespace quorate::sim
