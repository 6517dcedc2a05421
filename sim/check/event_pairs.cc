// SPDX-License-Identifier: Apache-2.0
#include "sim/check/event_pairs.h"

#include <utility>

namespace quorate::sim::check {
namespace {

std::optional<Action> ActionOf(std::string_view function) {
  if (function == "read" || function == "get") return Action::kRead;
  if (function == "write" || function == "put") return Action::kWrite;
  if (function == "cas") return Action::kCas;
  if (function == "append") return Action::kAppend;
  return std::nullopt;
}

}  // namespace

ValueId EventPairs::Intern(const std::optional<std::string>& text) {
  return text.has_value() ? history_.values.Intern(*text) : kNil;
}

absl::StatusOr<Operation> EventPairs::Begin(uint32_t line, const Event& event) {
  const std::optional<Action> action = ActionOf(event.function);
  if (!action.has_value())
    return AtLine(line, Format("no operation is called :%s", event.function));
  const EventValue& value = event.value;
  Operation operation;
  operation.action = *action;
  operation.process = event.process;
  operation.line = line;
  operation.called = PlaceOfCall(line);
  operation.key = history_.keys.Intern(event.key);
  const auto wanted = *action == Action::kCas ? EventValue::Kind::kPair : EventValue::Kind::kOne;
  if (value.kind != wanted) {
    return AtLine(line, wanted == EventValue::Kind::kPair ? "cas is invoked with two values"
                                                          : "this is invoked with one value");
  }
  if (*action == Action::kRead) {
    if (value.first.has_value()) return AtLine(line, "a read is invoked with nil");
  } else if (*action == Action::kCas) {
    operation.expected = Intern(value.first);
    operation.value = Intern(value.second);
  } else {
    if (*action == Action::kAppend && !value.first.has_value()) {
      return AtLine(line, "nil cannot be appended");
    }
    operation.value = Intern(value.first);
  }
  return operation;
}

absl::Status EventPairs::Complete(uint32_t line, const Event& event, Open& open) {
  if (event.function != open.event.function || event.key != open.event.key) {
    return AtLine(line, Format("process %u completes another operation than it invoked in line %u",
                               event.process, open.operation.line));
  }
  Operation& operation = open.operation;
  const bool same = event.value == open.event.value;
  switch (event.type) {
    case EventType::kInvoke:
      break;
    case EventType::kInfo:
      history_.operations.push_back(operation);
      break;
    case EventType::kFail:
      // A compare-and-set that failed with its own values compared. One that failed for a reason
      // was not executed.
      if (operation.action != Action::kCas || !same) break;
      operation.action = Action::kCasMiss;
      operation.returned = PlaceOfReturn(line);
      history_.operations.push_back(operation);
      break;
    case EventType::kOk:
      if (operation.action == Action::kRead) {
        if (event.value.kind != EventValue::Kind::kOne) {
          return AtLine(line, "a read completes with one value");
        }
        operation.value = Intern(event.value.first);
      } else if (!same) {
        return AtLine(line, Format("process %u completes with other values than it invoked in line "
                                   "%u",
                                   event.process, operation.line));
      }
      operation.returned = PlaceOfReturn(line);
      history_.operations.push_back(operation);
      break;
  }
  return absl::OkStatus();
}

absl::Status EventPairs::Add(uint32_t line, const Event& event) {
  const auto open = open_.find(event.process);
  if (event.type == EventType::kInvoke) {
    if (open != open_.end()) {
      return AtLine(line, Format("process %u invokes while its operation of line %u is open",
                                 event.process, open->second.operation.line));
    }
    QUORATE_ASSIGN_OR_RETURN(const Operation operation, Begin(line, event));
    open_.emplace(event.process, Open{event, operation});
    return absl::OkStatus();
  }
  if (open == open_.end()) {
    return AtLine(line, Format("process %u completes what it did not invoke", event.process));
  }
  QUORATE_RETURN_IF_ERROR(Complete(line, event, open->second));
  open_.erase(open);
  return absl::OkStatus();
}

History EventPairs::Take() {
  for (const auto& [process, open] : open_) history_.operations.push_back(open.operation);
  open_.clear();
  return std::exchange(history_, History());
}

}  // namespace quorate::sim::check
