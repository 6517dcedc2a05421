// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/stop_watch.h"

#include <algorithm>

#include "engine/base/overloaded.h"
#include "engine/wire/message.h"
#include "sim/fault/words.h"
#include "sim/trace/chronicle.h"
#include "sim/trace/ladder.h"

namespace quorate::sim {
namespace {

std::string Shorten(std::string text) {
  if (text.size() > kNoteBytesMax) text = text.substr(0, kNoteBytesMax) + "...";
  return text;
}

}  // namespace

void StopWatch::BeginStep(Stop stop) {
  stop_ = std::move(stop);
  reached_ = false;
  quiet_ = true;
}

void StopWatch::Note(std::string text) {
  if (!quiet_) events_.back().second.push_back(std::move(text));
}

bool StopWatch::Names(const std::vector<Bytes>& command) const {
  return stop_.at == Stop::At::kKey &&
         std::find(command.begin(), command.end(), stop_.key) != command.end();
}

void StopWatch::Happened(const WorldEvent& event) {
  AddEvent(hash_, event);
  if (std::exchange(quiet_, false)) events_.clear();
  position_ = event.id.value;
  events_.push_back({event, {}});
  reached_ |= (stop_.at == Stop::At::kPosition && position_ >= stop_.number) ||
              (stop_.at == Stop::At::kTime && event.time.us >= stop_.number);
}

void StopWatch::Carried(EventId /*event*/, const wire::Message& message) {
  Note("carried: " + Tell(message, world_));
  const auto is_it = [this](const Bytes& key) {
    return stop_.at == Stop::At::kKey && key == stop_.key;
  };
  reached_ |= std::visit(Overloaded{[this](const wire::Execute& body) { return Names(body.args); },
                                    [&](const wire::Read& body) { return is_it(body.key); },
                                    [&](const wire::Mutate& body) { return is_it(body.key); },
                                    [](const auto&) { return false; }},
                         message.body);
}

void StopWatch::Invoked(const OperationInvoked& operation) {
  std::string words;
  for (const Bytes& word : operation.command) words += " " + word;
  const std::string who = Format("operation %u of client %u at node %u:", operation.operation,
                                 operation.client, operation.node.value);
  Note("asks: " + InPool(world_, operation.pool, who) + Shorten(std::move(words)));
  reached_ |= Names(operation.command) ||
              (stop_.at == Stop::At::kOperation && operation.operation == stop_.number);
}

void StopWatch::Completed(const OperationCompleted& operation) {
  const uint64_t number = operation.invoked.operation;
  Note(Format("ends: operation %u = ", number) + Shorten(AnswerOf(operation)));
  reached_ |= stop_.at == Stop::At::kOperation && number == stop_.number;
}

void StopWatch::Began(const FaultBegan& began) {
  Note("begins: " + Words(began.fault, began.nodes));
}

void StopWatch::Ended(const FaultEnded& ended) {
  Note(Format("ends: %u: %s after %u effects", ended.fault.id, NameOf(ended.fault.kind),
              ended.effects));
}

void StopWatch::Crashed(NodeIndex node, SimTime /*time*/) {
  reached_ |= stop_.at == Stop::At::kNodeDown && node.value == stop_.number;
}

void StopWatch::Stopped(NodeIndex node, SimTime time) { Crashed(node, time); }

void StopWatch::Started(NodeIndex node, SimTime /*time*/) {
  reached_ |= stop_.at == Stop::At::kNodeUp && node.value == stop_.number;
}

void StopWatch::Logged(NodeIndex node, SimTime /*time*/, env::LogLevel /*level*/,
                       std::string_view text) {
  Note(Format("node %u says: ", node.value) + Shorten(std::string(text)));
}

std::string StopWatch::Describe() const {
  std::string text;
  for (const auto& [event, notes] : events_) text += Chronicle::Describe({event, notes});
  return text;
}

}  // namespace quorate::sim
