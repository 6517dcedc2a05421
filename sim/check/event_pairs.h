// SPDX-License-Identifier: Apache-2.0
// Histories that are written as events: a process invokes, and later its operation completes. Pairs
// them to operations; the time of an event is its line.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "sim/check/history.h"

namespace quorate::sim::check {

enum class EventType : uint8_t { kInvoke, kOk, kFail, kInfo };

struct EventValue {
  enum class Kind : uint8_t {
    kOne,   // `first`, or nil
    kPair,  // `first` and `second`
    kWord,  // a reason, such as :timed-out
  };
  Kind kind = Kind::kOne;
  std::optional<std::string> first;
  std::optional<std::string> second;
  friend bool operator==(const EventValue&, const EventValue&) = default;
};

struct Event {
  uint32_t process = 0;
  EventType type = EventType::kInvoke;
  std::string function;  // "read", "get", ...
  std::string key;       // empty where the history has one register
  EventValue value;
};

class EventPairs {
 public:
  // InvalidArgument names the line. `line` rises from call to call.
  absl::Status Add(uint32_t line, const Event& event);
  // What is still open has an unknown outcome.
  [[nodiscard]] History Take();

 private:
  struct Open {
    Event event;
    Operation operation;
  };
  absl::StatusOr<Operation> Begin(uint32_t line, const Event& event);
  // Nothing of the operation is kept where it failed.
  absl::Status Complete(uint32_t line, const Event& event, Open& open);
  ValueId Intern(const std::optional<std::string>& text);

  std::map<uint32_t, Open> open_;  // by process
  History history_;
};

}  // namespace quorate::sim::check
