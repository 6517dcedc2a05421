// SPDX-License-Identifier: Apache-2.0
// A recording taken apart, so that some of it can go and the rest be put together again. Clocks
// stay what they were: what goes takes no time with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/recording/format.h"
#include "engine/base/ids.h"
#include "sim/recording/event_list.h"
#include "sim/trace/reduce.h"

namespace quorate::sim {

struct DraftEvent {
  RecordedEvent event;
  uint64_t tick = 0;  // to which it belongs, from 0; what comes between two, to the second
  NodeId node;        // that sent the message
  // Of the beginning of a tick: its clocks since those of the header.
  int64_t monotonic_us = 0;
  int64_t wall_ms = 0;
};

// A row that a scan has given: the draft's event, and which of its rows.
struct DraftRow {
  size_t event = 0;
  size_t row = 0;
};

// What of a draft stays.
struct DraftCut {
  Subset events;
  std::optional<Subset> rows;  // of scans; all where nothing is said
  std::optional<Subset> keys;  // of the checkpoint, as RecordingShrinker numbers them; all
};

class RecordingDraft {
 public:
  // The bytes of a recording's file. Errors: as ReadRecording and ForEachEvent.
  static absl::StatusOr<RecordingDraft> Of(Bytes file);

  // Points into the draft, which may move.
  [[nodiscard]] const recording::Recording& recording() const { return recording_; }
  [[nodiscard]] const std::vector<DraftEvent>& events() const { return events_; }
  [[nodiscard]] const std::vector<DraftRow>& rows() const { return rows_; }
  [[nodiscard]] uint64_t ticks() const { return ticks_; }
  // The payload of ticks that is left.
  [[nodiscard]] Bytes Assemble(const DraftCut& cut) const;

 private:
  RecordingDraft() = default;

  std::unique_ptr<Bytes> file_;
  recording::Recording recording_;
  std::vector<DraftEvent> events_;
  std::vector<DraftRow> rows_;
  uint64_t ticks_ = 0;
};

}  // namespace quorate::sim
