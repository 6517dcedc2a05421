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
  return (content_.plan.first <= event && event <= content_.plan.last) ||
         std::binary_search(content_.plan.chain.begin(), content_.plan.chain.end(), event);
}

PageEvent* Collector::Kept(bool story) {
  // What comes after the failure has no part in it.
  const bool planned = IsPlanned(now_.id);
  if (!planned && (!story || now_.id > content_.plan.last)) return nullptr;
  const auto [found, fresh] = content_.events.try_emplace(now_.id);
  PageEvent& entry = found->second;
  if (fresh) {
    entry.event = now_;
    entry.kind = NameOf(now_.kind);
    entry.sent = now_.cause == EventId{} ? now_.time : times_[now_.cause.value - 1];
    entry.inputs = now_inputs_;
    if (entry.inputs.size() > kPageInputsMax) entry.inputs.resize(kPageInputsMax);
    entry.chain =
        std::binary_search(content_.plan.chain.begin(), content_.plan.chain.end(), now_.id);
  }
  if (!story || entry.story) return &entry;
  entry.story = true;
  if (!planned && !content_.plan.subject.Spans(now_.id)) story_.push_back(now_.id);
  Forget();
  return &entry;
}

void Collector::Forget() {
  for (; story_.size() > kPageStoryMax; story_.pop_front()) {
    content_.events.erase(story_.front());
    followed_.erase(story_.front());
    ++content_.left_out.story;
  }
}

bool Collector::Continues(const WorldEvent& event, const std::vector<EventId>& inputs) {
  if (event.kind == EventKind::kCommitDone || event.kind == EventKind::kClientSends) {
    return followed_.contains(event.cause);
  }
  if (event.kind != EventKind::kTick) return false;
  bool story = false;
  for (const EventId input : inputs) {
    const auto found = content_.events.find(input);
    if (found == content_.events.end() || !found->second.story) continue;
    story = true;
    // A tick that ends a commit sends what the story is about, and begins commits that are not.
    if (found->second.event.kind != EventKind::kCommitDone) followed_.insert(event.id);
  }
  return story;
}

void Collector::Happened(const WorldEvent& event) {
  now_ = event;
  content_.ended = event.time;
  times_.push_back(event.time);
  now_inputs_.clear();
  std::vector<EventId>& waiting = inputs_[{event.node, event.shard}];
  if (IsInput(event.kind)) waiting.push_back(event.id);
  if (event.kind == EventKind::kTick) now_inputs_ = std::exchange(waiting, {});
  Kept(Continues(event, now_inputs_));
}

bool Collector::MayBeOf(PoolId pool) const {
  const std::string& name = content_.plan.subject.pool;
  return name.empty() || world_ == nullptr || pool.value >= world_->pools().size() ||
         world_->pools()[pool.value].name == name;
}

bool Collector::ConcernsKey(const WorldEvent& event, const wire::Message& message) {
  const std::string& key = content_.plan.subject.key;
  const auto asks = [&](const auto& body, bool names) {
    const bool concerns = names && MayBeOf(body.pool);
    if (concerns) requests_.insert({event.peer, body.id.value});
    return concerns;
  };
  const auto answers = [&](wire::RequestId id) {
    return requests_.contains({event.node.value, id.value});
  };
  return !key.empty() &&
         std::visit(
             Overloaded{
                 [&](const wire::Execute& body) { return asks(body, Contains(body.args, key)); },
                 [&](const wire::Read& body) { return asks(body, body.key == key); },
                 [&](const wire::Mutate& body) { return asks(body, body.key == key); },
                 [&](const wire::ExecuteReply& body) { return answers(body.id); },
                 [&](const wire::ReadReply& body) { return answers(body.id); },
                 [&](const wire::MutateReply& body) { return answers(body.id); },
                 [](const auto&) { return false; },
             },
             message.body);
}

void Collector::Carried(EventId /*event*/, const wire::Message& message) {
  PageEvent* const entry = Kept(ConcernsKey(now_, message));
  if (entry != nullptr) entry->note = Cut(Tell(message, world_));
}

void Collector::Invoked(const OperationInvoked& operation) {
  if (now_.id > content_.plan.last) return;
  PageOperation entry;
  entry.number = operation.operation;
  entry.client = operation.client;
  entry.node = operation.node;
  entry.begin = operation.time;
  entry.begin_event = operation.event;
  entry.phase = NameOf(operation.phase);
  entry.command = Words(operation.command);
  entry.levels = InPool(world_, operation.pool,
                        Format("read %s, write %s", topology::NameOf(operation.read),
                               topology::NameOf(operation.write)));
  entry.named = content_.plan.subject.Names(operation.operation);
  entry.story = entry.named ||
                (Contains(operation.command, content_.plan.subject.key) && MayBeOf(operation.pool));
  if (entry.story) {
    Kept(true);
    followed_.insert(now_.id);
    if (!entry.named) may_go_.push_back(entry.number);
  }
  content_.operations.emplace(entry.number, std::move(entry));
  if (may_go_.size() <= kPageOperationsMax) return;
  content_.operations.erase(may_go_.front());
  may_go_.pop_front();
  ++content_.left_out.operations;
}

void Collector::Completed(const OperationCompleted& operation) {
  const auto found = content_.operations.find(operation.invoked.operation);
  if (found == content_.operations.end()) return;
  PageOperation& entry = found->second;
  if (entry.story) Kept(true);
  if (!entry.story && !IsPlanned(entry.begin_event) && !IsPlanned(operation.event)) {
    content_.operations.erase(found);
    return;
  }
  entry.end = operation.time;
  entry.end_event = operation.event;
  entry.failed = entry.story && content_.plan.failure.has_value() &&
                 content_.plan.failure->event == operation.event;
  entry.answer = Cut(AnswerOf(operation));
  entry.verdict = operation.reply.IsError() ? PageVerdict::kError : PageVerdict::kOk;
  if (operation.outcome != OperationOutcome::kReply) entry.verdict = PageVerdict::kUnknown;
}

void Collector::Began(const FaultBegan& began) {
  if (content_.faults.size() == kPageFaultsMax) {
    ++content_.left_out.faults;
    return;
  }
  in_force_[began.index] = content_.faults.size();
  const Fault& fault = began.fault;
  content_.faults.push_back({fault.id, fault.kind, {}, now_.time, std::nullopt, 0, now_.id});
  for (const uint32_t node : fault.nodes) content_.faults.back().nodes.push_back(NodeIndex{node});
}

void Collector::Ended(const FaultEnded& ended) {
  const auto found = in_force_.find(ended.index);
  if (found == in_force_.end()) return;
  content_.faults[found->second].until = now_.time;
  content_.faults[found->second].ended_event = now_.id;
  content_.faults[found->second].effects = ended.effects;
  in_force_.erase(found);
}

void Collector::Started(NodeIndex node, SimTime time) {
  if (content_.lives.size() == kPageLivesMax) {
    ++content_.left_out.lives;
    return;
  }
  living_[node] = content_.lives.size();
  content_.lives.push_back(
      {node, world_->lives(node), world_->shards(node), time, std::nullopt, "up", now_.id});
}

void Collector::EndLife(NodeIndex node, SimTime time, std::string_view how) {
  const auto found = living_.find(node);
  if (found == living_.end()) return;
  content_.lives[found->second].until = time;
  content_.lives[found->second].end = how;
  content_.lives[found->second].ended_event = now_.id;
  living_.erase(found);
}

void Collector::PhaseBegan(Phase phase, SimTime time) { content_.phases.push_back({time, phase}); }

void Collector::RunEnded(const WorldView& /*world*/, uint64_t /*hash*/) { world_ = nullptr; }

}  // namespace quorate::sim
