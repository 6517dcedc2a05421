// SPDX-License-Identifier: Apache-2.0
#include "sim/page/collector.h"

#include <algorithm>

#include "engine/base/overloaded.h"
#include "engine/wire/message.h"
#include "sim/page/limits.h"
#include "sim/trace/chronicle.h"

namespace quorate::sim {
namespace {

bool IsInput(EventKind kind) {
  return kind == EventKind::kMessageArrived || kind == EventKind::kCommitDone ||
         kind == EventKind::kScanDone || kind == EventKind::kClientSends ||
         kind == EventKind::kConnectionOpened;
}

std::string Cut(std::string text) {
  if (text.size() <= kPageTextMax) return text;
  return text.substr(0, kPageTextMax) + "...";
}

std::string Words(const std::vector<Bytes>& command) {
  std::string text;
  for (const Bytes& word : command) text += (text.empty() ? "" : " ") + word;
  return Cut(std::move(text));
}

bool Contains(const std::vector<Bytes>& command, const std::string& key) {
  return !key.empty() && std::find(command.begin(), command.end(), key) != command.end();
}

}  // namespace

bool Collector::IsPlanned(EventId event) const {
  return (plan_.first <= event && event <= plan_.last) ||
         std::binary_search(plan_.chain.begin(), plan_.chain.end(), event);
}

PageEvent* Collector::Kept(bool story) {
  // What comes after the failure has no part in it.
  const bool planned = IsPlanned(now_.id);
  if (!planned && (!story || now_.id > plan_.last)) return nullptr;
  const auto [found, fresh] = events_.try_emplace(now_.id);
  PageEvent& entry = found->second;
  if (fresh) {
    entry.event = now_;
    entry.sent = now_.cause == EventId{} ? now_.time : times_[now_.cause.value - 1];
    entry.inputs = now_inputs_;
    if (entry.inputs.size() > kPageInputsMax) entry.inputs.resize(kPageInputsMax);
    entry.chain = std::binary_search(plan_.chain.begin(), plan_.chain.end(), now_.id);
  }
  if (!story || entry.story) return &entry;
  entry.story = true;
  if (!planned && !plan_.subject.Spans(now_.id)) story_.push_back(now_.id);
  Forget();
  return &entry;
}

void Collector::Forget() {
  for (; story_.size() > kPageStoryMax; story_.pop_front()) {
    events_.erase(story_.front());
    followed_.erase(story_.front());
    ++left_out_.story;
  }
}

bool Collector::Continues(const WorldEvent& event, const std::vector<EventId>& inputs) {
  if (event.kind == EventKind::kCommitDone || event.kind == EventKind::kClientSends) {
    return followed_.contains(event.cause);
  }
  if (event.kind != EventKind::kTick) return false;
  bool story = false;
  for (const EventId input : inputs) {
    const auto found = events_.find(input);
    if (found == events_.end() || !found->second.story) continue;
    story = true;
    // A tick that ends a commit sends what the story is about, and begins commits that are not.
    if (found->second.event.kind != EventKind::kCommitDone) followed_.insert(event.id);
  }
  return story;
}

void Collector::Happened(const WorldEvent& event) {
  now_ = event;
  times_.push_back(event.time);
  now_inputs_.clear();
  std::vector<EventId>& waiting = inputs_[{event.node, event.shard}];
  if (IsInput(event.kind)) waiting.push_back(event.id);
  if (event.kind == EventKind::kTick) now_inputs_ = std::exchange(waiting, {});
  Kept(Continues(event, now_inputs_));
}

bool Collector::ConcernsKey(const WorldEvent& event, const wire::Message& message) {
  const std::string& key = plan_.subject.key;
  const auto asks = [&](wire::RequestId id, bool concerns) {
    if (concerns) requests_.insert({event.peer, id.value});
    return concerns;
  };
  const auto answers = [&](wire::RequestId id) {
    return requests_.contains({event.node.value, id.value});
  };
  return !key.empty() &&
         std::visit(
             Overloaded{
                 [&](const wire::Execute& body) { return asks(body.id, Contains(body.args, key)); },
                 [&](const wire::Read& body) { return asks(body.id, body.key == key); },
                 [&](const wire::Mutate& body) { return asks(body.id, body.key == key); },
                 [&](const wire::ExecuteReply& body) { return answers(body.id); },
                 [&](const wire::ReadReply& body) { return answers(body.id); },
                 [&](const wire::MutateReply& body) { return answers(body.id); },
                 [](const auto&) { return false; },
             },
             message.body);
}

void Collector::Carried(EventId /*event*/, const wire::Message& message) {
  PageEvent* const entry = Kept(ConcernsKey(now_, message));
  if (entry != nullptr) entry->note = Cut(Tell(message));
}

void Collector::Invoked(const OperationInvoked& operation) {
  if (now_.id > plan_.last) return;
  PageOperation entry;
  entry.number = operation.operation;
  entry.client = operation.client;
  entry.node = operation.node;
  entry.begin = operation.time;
  entry.begin_event = operation.event;
  entry.phase = operation.phase;
  entry.command = Words(operation.command);
  entry.levels = Format("read %s, write %s", topology::NameOf(operation.read),
                        topology::NameOf(operation.write));
  entry.named = plan_.subject.Names(operation.operation);
  entry.story = entry.named || Contains(operation.command, plan_.subject.key);
  if (entry.story) {
    Kept(true);
    followed_.insert(now_.id);
    if (!entry.named) may_go_.push_back(entry.number);
  }
  operations_.emplace(entry.number, std::move(entry));
  if (may_go_.size() <= kPageOperationsMax) return;
  operations_.erase(may_go_.front());
  may_go_.pop_front();
  ++left_out_.operations;
}

void Collector::Completed(const OperationCompleted& operation) {
  const auto found = operations_.find(operation.operation);
  if (found == operations_.end()) return;
  PageOperation& entry = found->second;
  if (entry.story) Kept(true);
  if (!entry.story && !IsPlanned(entry.begin_event) && !IsPlanned(operation.event)) {
    operations_.erase(found);
    return;
  }
  entry.end = operation.time;
  entry.end_event = operation.event;
  entry.failed =
      entry.story && plan_.failure.has_value() && plan_.failure->event == operation.event;
  if (operation.outcome == OperationOutcome::kReply) {
    entry.answer = Cut(resp::Describe(operation.reply));
    entry.verdict = operation.reply.IsError() ? PageVerdict::kError : PageVerdict::kOk;
    return;
  }
  entry.answer = operation.outcome == OperationOutcome::kTimeout ? "timeout" : "connection lost";
  entry.verdict = PageVerdict::kUnknown;
}

void Collector::Began(const FaultBegan& fault) {
  if (faults_.size() == kPageFaultsMax) {
    ++left_out_.faults;
    return;
  }
  in_force_[fault.index] = faults_.size();
  faults_.push_back({fault.id, fault.kind, fault.nodes, now_.time, std::nullopt, 0});
}

void Collector::Ended(const FaultEnded& fault) {
  const auto found = in_force_.find(fault.index);
  if (found == in_force_.end()) return;
  faults_[found->second].until = now_.time;
  faults_[found->second].effects = fault.effects;
  in_force_.erase(found);
}

void Collector::Started(NodeIndex node, SimTime time) {
  if (lives_.size() == kPageLivesMax) {
    ++left_out_.lives;
    return;
  }
  living_[node] = lives_.size();
  lives_.push_back({node, world_->lives(node), world_->shards(node), time, std::nullopt, "up"});
}

void Collector::EndLife(NodeIndex node, SimTime time, std::string_view how) {
  const auto found = living_.find(node);
  if (found == living_.end()) return;
  lives_[found->second].until = time;
  lives_[found->second].end = how;
  living_.erase(found);
}

void Collector::PhaseBegan(Phase phase, SimTime time) { phases_.push_back({time, phase}); }

void Collector::RunEnded(const WorldView& /*world*/, uint64_t /*hash*/) { world_ = nullptr; }

}  // namespace quorate::sim
