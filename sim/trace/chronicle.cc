// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/chronicle.h"

#include <algorithm>

#include "adapters/resp/client_codec.h"
#include "engine/wire/message.h"
#include "sim/fault/words.h"

namespace quorate::sim {
namespace {

std::string Shorten(std::string text) {
  if (text.size() > kNoteBytesMax) text = text.substr(0, kNoteBytesMax) + "...";
  return text;
}

std::string Words(const std::vector<Bytes>& command) {
  std::string text;
  for (const Bytes& word : command) text += " " + word;
  return Shorten(text);
}

std::string_view NameOf(wire::Outcome outcome) {
  switch (outcome) {
    case wire::Outcome::kDone:
      return "done";
    case wire::Outcome::kWrongEpoch:
      return "wrong epoch";
    case wire::Outcome::kNotOwner:
      return "not owner";
    case wire::Outcome::kNotExecuted:
      return "not executed";
    case wire::Outcome::kFailed:
      return "failed";
    case wire::Outcome::kStorageFailed:
      return "storage failed";
    case wire::Outcome::kOtherLife:
      return "other life";
  }
  return "unknown";
}

// What a person wants to know of a message, by its fields.
struct Teller {
  std::string operator()(const wire::Execute& body) const { return Words(body.args); }
  std::string operator()(const wire::Read& body) const {
    return " " + body.key + (body.want_state ? ", all of it" : ", its digest");
  }
  std::string operator()(const wire::ReadReply& body) const {
    return Format(": %s, digest %016x%s%s", NameOf(body.outcome), body.digest,
                  body.has_state ? ", with state" : "", body.doubtful ? ", doubtful" : "");
  }
  std::string operator()(const wire::Mutate& body) const { return " " + body.key; }
  std::string operator()(const wire::MutateReply& body) const {
    return Format(": %s", NameOf(body.outcome));
  }
  std::string operator()(const wire::ExecuteReply& body) const {
    return Format(": %s", NameOf(body.outcome));
  }
  template <typename Body>
  std::string operator()(const Body&) const {
    return {};
  }
};

bool IsInput(EventKind kind) {
  return kind == EventKind::kMessageArrived || kind == EventKind::kCommitDone ||
         kind == EventKind::kScanDone || kind == EventKind::kClientSends ||
         kind == EventKind::kConnectionOpened;
}

}  // namespace

std::string Tell(const wire::Message& message, const WorldView* world) {
  std::string text =
      Format("%s", wire::NameOf(message.body)) + Shorten(std::visit(Teller(), message.body));
  return std::visit(
      [&](const auto& body) {
        if constexpr (requires { body.pool; }) return InPool(world, body.pool, std::move(text));
        return std::move(text);
      },
      message.body);
}

void Chronicle::Note(EventId event, std::string text) {
  const auto found = entries_.find(event);
  if (found != entries_.end()) found->second.notes.push_back(std::move(text));
}

void Chronicle::Happened(const WorldEvent& event) {
  now_ = event.id;
  const std::pair<NodeIndex, uint16_t> place{event.node, event.shard};
  if (IsInput(event.kind)) inputs_[place].push_back(event.id);
  std::vector<EventId> inputs;
  if (event.kind == EventKind::kTick) inputs = std::exchange(inputs_[place], {});
  if (!wanted_(event.id)) return;
  Entry& entry = entries_[event.id];
  entry.event = event;
  std::string others;
  for (const EventId input : inputs) {
    if (input != event.cause) others += Format(" %u", input.value);
  }
  if (!others.empty()) entry.notes.push_back("came to the same tick:" + Shorten(others));
  for (const auto& [index, fault] : faults_) entry.notes.push_back("in force: " + Shorten(fault));
}

void Chronicle::Carried(EventId event, const wire::Message& message) {
  if (!entries_.contains(event)) return;
  Note(event, "carried: " + Tell(message, world_));
}

std::string Chronicle::WordsOf(const OperationInvoked& operation) const {
  std::string text = Format("operation %u of client %u at node %u:", operation.operation,
                            operation.client, operation.node.value) +
                     Words(operation.command);
  return InPool(world_, operation.pool, std::move(text));
}

void Chronicle::Invoked(const OperationInvoked& operation) {
  Note(operation.event, "asks: " + WordsOf(operation));
}

void Chronicle::Completed(const OperationCompleted& operation) {
  Note(operation.event,
       "ends: " + WordsOf(operation.invoked) + " = " + Shorten(AnswerOf(operation)));
}

void Chronicle::Began(const FaultBegan& began) {
  std::string& words = faults_[began.index];
  words = Words(began.fault, began.nodes);
  Note(now_, "begins: " + Shorten(words));
}

void Chronicle::Ended(const FaultEnded& ended) {
  Note(now_, Format("ends: %u: %s after %u effects", ended.fault.id,
                    quorate::sim::NameOf(ended.fault.kind), ended.effects));
  faults_.erase(ended.index);
}

void Chronicle::PhaseBegan(Phase phase, SimTime /*time*/) {
  Note(now_, Format("phase %s", quorate::sim::NameOf(phase)));
}

std::string Chronicle::Describe(const Entry& entry) {
  const WorldEvent& event = entry.event;
  std::string text =
      Format("%5u.%06u s  #%u %s", event.time.us / 1'000'000, event.time.us % 1'000'000,
             event.id.value, quorate::sim::NameOf(event.kind));
  if (event.node != kNoNode) text += Format(" at node %u shard %u", event.node.value, event.shard);
  if (event.peer != kNoNode.value) text += Format(", peer %u", event.peer);
  text += Format(", caused by #%u\n", event.cause.value);
  for (const std::string& note : entry.notes) text += "                " + note + "\n";
  return text;
}

}  // namespace quorate::sim
