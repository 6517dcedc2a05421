// SPDX-License-Identifier: Apache-2.0
#include "sim/page/links.h"

#include "engine/base/status.h"

namespace quorate::sim {
namespace {

bool IsTick(const PageEvent* event) { return event != nullptr && event->kind == "tick"; }

bool IsMessage(const PageEvent& entry) { return entry.kind.starts_with("message-"); }

bool IsAnswer(const PageEvent& entry) {
  return entry.kind == "client-receives" || entry.kind == "reply";
}

}  // namespace

Links::Links(const PageContent& content) : content_(content) {
  for (const auto& [id, entry] : content.events) {
    for (const EventId input : entry.inputs) taken_by_[input] = id;
  }
  for (const auto& [number, operation] : content.operations) {
    asked_at_[operation.begin_event].push_back(&operation);
    if (operation.verdict == PageVerdict::kOpen) continue;
    answered_at_[operation.end_event].push_back(&operation);
  }
  for (const auto& [id, entry] : content.events) {
    if (entry.kind == "message-arrived") came_of_[SentBy(entry)].push_back(id);
    if (!IsMessage(entry) && !IsAnswer(entry)) continue;
    if (IsTick(Find(entry.event.cause))) sent_in_[entry.event.cause].push_back(id);
  }
}

const PageEvent* Links::Find(EventId event) const {
  const auto found = content_.events.find(event);
  return found == content_.events.end() ? nullptr : &found->second;
}

EventId Links::TakenBy(EventId input) const {
  const auto found = taken_by_.find(input);
  return found == taken_by_.end() ? EventId{} : found->second;
}

EventId Links::SentBy(const PageEvent& event) const {
  const PageEvent* cause = Find(event.event.cause);
  if (cause != nullptr && cause->kind == "message-sent") cause = Find(cause->event.cause);
  return IsTick(cause) ? cause->event.id : EventId{};
}

// A world tells of the bytes behind what made the client send them, a recording has them alone.
const std::vector<const PageOperation*>& Links::AskedWith(const PageEvent& event) const {
  if (event.kind != "client-sends") return no_operations_;
  return At(asked_at_, no_operations_, content_.recorded ? event.event.id : event.event.cause);
}

const std::vector<const PageOperation*>& Links::AnsweredWith(const PageEvent& event) const {
  return IsAnswer(event) ? At(answered_at_, no_operations_, event.event.id) : no_operations_;
}

std::string Links::Words(const PageEvent& event, uint32_t node) const {
  std::string words(event.kind);
  if (IsMessage(event)) {
    words = Format("node %u", node);
  } else if (IsAnswer(event) || event.kind == "client-sends") {
    words = Format("client %u", event.event.peer);
  }
  if (!event.note.empty()) return words + ": " + event.note;
  std::string_view before = ": ";
  for (const PageOperation* const operation : AskedWith(event)) {
    words.append(before).append(operation->command);
    before = "; ";
  }
  for (const PageOperation* const operation : AnsweredWith(event)) {
    words.append(before).append(operation->answer);
    before = "; ";
  }
  return words;
}

std::string Links::FromWhere(const PageEvent& event) const {
  return Words(event, event.event.peer);
}

std::string Links::WhereTo(const PageEvent& event) const {
  return Words(event, event.event.node.value);
}

}  // namespace quorate::sim
