// SPDX-License-Identifier: Apache-2.0
#include "sim/page/recording_collector.h"

#include <algorithm>

#include "engine/base/status.h"
#include "sim/page/limits.h"
#include "sim/recording/in_words.h"
#include "sim/recording/questions.h"

namespace quorate::sim {
namespace {

constexpr uint32_t kSelf = 0;  // the lane of the shard

// What is never answered is forgotten some day.
template <typename Items, typename Key, typename Item>
void Put(Items& items, const Key& key, const Item& item) {
  if (items.size() == kPageQuestionsMax) items.erase(items.begin());
  items[key] = item;
}

}  // namespace

RecordingCollector::RecordingCollector(const recording::Header& header,
                                       const topology::Topology& topology, RecordingPlan plan)
    : header_(header),
      plan_(std::move(plan)),
      began_(header.clocks.monotonic),
      tick_(header.ticks + 1) {
  content_.recorded = true;
  content_.plan.subject.key = plan_.key;
  const node::ShardOptions& options = header.options;
  const NodeId self = options.record.node;
  places_.push_back(Format("shard %u of %u", options.shard.value, options.shards));
  content_.lives.push_back(
      {NodeIndex{kSelf}, options.record.incarnation.value, 1, SimTime{}, std::nullopt, "up"});
  for (const NodeId node : topology.PeersOf(self)) static_cast<void>(IndexOf(node));
}

// Who is who.

uint32_t RecordingCollector::IndexOf(NodeId node) {
  const auto [found, fresh] = nodes_.try_emplace(node, static_cast<uint32_t>(places_.size()));
  if (!fresh) return found->second;
  places_.push_back(node == header_.options.record.node ? "other shards"
                                                        : Format("%016x", node.value));
  if (content_.lives.size() == kPageLivesMax) return found->second;
  living_[found->second] = content_.lives.size();
  content_.lives.push_back({NodeIndex{found->second}, 0, 1, SimTime{}, std::nullopt, "up"});
  return found->second;
}

void RecordingCollector::Hear(const wire::Sender& sender) {
  const uint32_t index = IndexOf(sender.node);
  const auto living = living_.find(index);
  if (living == living_.end()) return;
  PageLife& life = content_.lives[living->second];
  if (life.life >= sender.incarnation.value) return;
  if (std::exchange(life.life, life.life == 0 ? sender.incarnation.value : life.life) == 0) return;
  if (content_.lives.size() == kPageLivesMax) {
    ++content_.left_out.lives;
    return;
  }
  life.until = now_;
  life.end = "restarted";
  living->second = content_.lives.size();
  content_.lives.push_back(
      {NodeIndex{index}, sender.incarnation.value, 1, now_, std::nullopt, "up"});
}

// Numbered as they are heard of.
uint32_t RecordingCollector::ClientOf(PoolId pool, ClientId client) {
  const auto number = static_cast<uint32_t>(clients_.size());
  return clients_.try_emplace({pool, client}, number).first->second;
}

// What is kept.

PageEvent RecordingCollector::EventOf(std::string_view kind, uint32_t peer) const {
  PageEvent entry;
  entry.kind = kind;
  entry.event.node = NodeIndex{kSelf};
  entry.event.peer = peer;
  entry.event.time = entry.sent = now_;
  entry.tick = tick_;
  return entry;
}

EventId RecordingCollector::Add(PageEvent entry, bool story) {
  entry.event.id = EventId{causes_.events() + 1};
  entry.story = story;
  causes_.Happened(entry.event);
  const EventId id = entry.event.id;
  if (plan_.times.until && now_ > *plan_.times.until) return id;
  const bool early = plan_.times.from && now_ < *plan_.times.from;
  if (early && !story) return id;
  (early ? story_ : window_).push_back(id);
  content_.events.emplace(id, std::move(entry));
  Forget();
  return id;
}

void RecordingCollector::Forget() {
  while (window_.size() > kPageEventsMax) {
    const EventId first = window_.front();
    window_.pop_front();
    if (plan_.times.from) ++content_.plan.window_left_out;
    if (content_.events.at(first).story) {
      story_.push_back(first);
    } else {
      content_.events.erase(first);
    }
  }
  for (; story_.size() > kPageStoryMax; story_.pop_front()) {
    content_.events.erase(story_.front());
    ++content_.left_out.story;
  }
}

void RecordingCollector::ForgetOperations() {
  for (; done_.size() > kPageOperationsMax; done_.pop_front()) {
    content_.operations.erase(done_.front());
  }
  for (; told_.size() > kPageOperationsMax; told_.pop_front()) {
    content_.operations.erase(told_.front());
    ++content_.left_out.operations;
  }
}

EventId RecordingCollector::AddInput(PageEvent entry, bool story) {
  const EventId id = Add(std::move(entry), story);
  inputs_.push_back(id);
  tick_story_ = tick_story_ || story;
  return id;
}

EventId RecordingCollector::AddEffect(PageEvent entry, bool story) {
  AddTick();
  entry.event.cause = tick_event_;
  return Add(std::move(entry), story);
}

// The tick comes behind what goes into it, and before what comes out of it.
void RecordingCollector::AddTick() {
  if (tick_event_ != EventId{}) return;
  PageEvent entry = EventOf("tick", kNoNode.value);
  if (!inputs_.empty()) entry.event.cause = inputs_.front();
  entry.inputs = inputs_;
  if (entry.inputs.size() > kPageInputsMax) entry.inputs.resize(kPageInputsMax);
  tick_event_ = Add(std::move(entry), tick_story_);
}

// What goes in.

void RecordingCollector::TickBegan(uint64_t tick, const Clocks& clocks) {
  tick_ = tick;
  if (began_ == Instant{}) began_ = clocks.monotonic;  // a life's first: its clock begins anywhere
  const int64_t since = (clocks.monotonic - began_).count();
  now_ = std::max(now_, SimTime{static_cast<uint64_t>(std::max<int64_t>(since, 0))});
}

void RecordingCollector::TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) {
  AddTick();
  if (rung != recorded) Note(Format("ends with %08x, recorded %08x", rung, recorded));
  const auto kept = content_.events.find(tick_event_);
  if (kept != content_.events.end()) {
    kept->second.note = Format("tick %u%s", tick, notes_.empty() ? "" : ": " + Shown(notes_));
  }
  if (plan_.failure && tick == plan_.failing_tick) NameOperationsOfTick();
  inputs_.clear();
  of_tick_.clear();
  notes_.clear();
  tick_event_ = {};
  tick_story_ = false;
  tick_ = tick + 1;
}

void RecordingCollector::Came(const wire::Message& message) {
  Hear(message.sender);
  PageEvent entry = EventOf("message-arrived", IndexOf(message.sender.node));
  entry.note = TellRecorded(message);
  entry.key = KeyOf(message);
  bool story = !plan_.key.empty() && NamesKey(message, plan_.key);
  if (const auto answered = AnswersTo(message)) {
    const auto question = questions_.find({message.sender.node, answered->value});
    if (question != questions_.end()) {
      entry.event.cause = question->second.event;
      entry.sent = question->second.time;
      story = story || question->second.story;
      questions_.erase(question);
    }
  }
  const EventId id = AddInput(std::move(entry), story);
  const auto asks = AsksAs(message);
  if (asks) Put(asked_, std::pair(message.sender.node, asks->value), Begun{id, now_, story});
}

void RecordingCollector::Committed(env::CommitToken token, absl::StatusCode code) {
  PageEvent entry = EventOf("commit-done", kNoNode.value);
  entry.note = Format("commit %u", token.value);
  if (code != absl::StatusCode::kOk) entry.note += Format(", status %d", static_cast<int>(code));
  const auto begun = commits_.extract(token.value);
  if (!begun.empty()) entry.event.cause = begun.mapped().event;
  AddInput(std::move(entry), !begun.empty() && begun.mapped().story);
}

void RecordingCollector::Scanned(const env::ScanDone& scan) {
  PageEvent entry = EventOf("scan-done", kNoNode.value);
  entry.note = scan.result.ok() ? Format("%u stored rows", scan.result->rows.size()) : "it failed";
  const auto begun = scans_.extract(scan.token.value);
  if (!begun.empty()) entry.event.cause = begun.mapped().event;
  AddInput(std::move(entry), false);
}

void RecordingCollector::Attached(PoolId pool, ClientId client) {
  PageEvent entry = EventOf("connection-opened", ClientOf(pool, client));
  entry.note = Format("client %u", client.value);
  AddInput(std::move(entry), false);
}

void RecordingCollector::Detached(PoolId pool, ClientId client) {
  const uint32_t index = ClientOf(pool, client);
  const EventId id = AddInput(EventOf("connection-closed", index), false);
  const auto first = under_way_.lower_bound({index, 0});
  auto at = first;
  for (; at != under_way_.end() && at->first.first == index; ++at) {
    const auto found = content_.operations.find(at->second);
    if (found == content_.operations.end()) continue;
    found->second.end = now_;
    found->second.end_event = id;
    found->second.verdict = PageVerdict::kUnknown;
    found->second.answer = "connection lost";
  }
  under_way_.erase(first, at);
}

void RecordingCollector::Asked(PoolId pool, ClientId client, commands::RequestSlot slot,
                               const std::vector<std::string_view>& args) {
  PageOperation operation;
  operation.number = ++operations_;
  operation.client = ClientOf(pool, client);
  operation.node = NodeIndex{kSelf};
  operation.begin = now_;
  operation.command = Shown(args);
  operation.story =
      !plan_.key.empty() && std::find(args.begin(), args.end(), plan_.key) != args.end();
  PageEvent entry = EventOf("client-sends", operation.client);
  entry.note = operation.command;
  entry.key = KeyOf(args);
  operation.begin_event = AddInput(std::move(entry), operation.story);
  under_way_[{operation.client, slot.value}] = operation.number;
  of_tick_.push_back(operation.number);
  (operation.story ? told_ : done_).push_back(operation.number);
  content_.operations.emplace(operation.number, std::move(operation));
  ForgetOperations();
}

// What comes out.

void RecordingCollector::Sent(const env::Target& target, const wire::Message& message) {
  PageEvent entry = EventOf("message-sent", kSelf);
  entry.event.node = NodeIndex{IndexOf(target.node)};
  entry.note = TellRecorded(message);
  entry.key = KeyOf(message);
  bool story = !plan_.key.empty() && NamesKey(message, plan_.key);
  if (const auto answered = AnswersTo(message)) {
    const auto begun = asked_.extract({target.node, answered->value});
    story = story || (!begun.empty() && begun.mapped().story);
  }
  const EventId id = AddEffect(std::move(entry), story);
  const auto asks = AsksAs(message);
  if (asks) Put(questions_, std::pair(target.node, asks->value), Begun{id, now_, story});
}

void RecordingCollector::CommitBegan(const env::WriteBatch& batch, env::CommitToken token) {
  AddTick();
  Note(Format("commit %u of %u rows begins", token.value, batch.operations()));
  Put(commits_, token.value, Begun{tick_event_, now_, tick_story_});
}

void RecordingCollector::ScanBegan(env::ReadToken token) {
  AddTick();
  Put(scans_, token.value, Begun{tick_event_, now_, false});
}

void RecordingCollector::Replied(PoolId pool, ClientId client, commands::RequestSlot slot,
                                 std::string_view reply) {
  const uint32_t index = ClientOf(pool, client);
  const auto request = under_way_.extract({index, slot.value});
  const auto found =
      request.empty() ? content_.operations.end() : content_.operations.find(request.mapped());
  PageEvent entry = EventOf("reply", index);
  entry.note = ShownReply(reply);
  const std::string answer = entry.note;
  const bool story = found != content_.operations.end() && found->second.story;
  const EventId id = AddEffect(std::move(entry), story);
  if (found == content_.operations.end()) return;  // it was asked before the recording
  PageOperation& operation = found->second;
  of_tick_.push_back(operation.number);
  operation.end = now_;
  operation.end_event = id;
  operation.answer = answer;
  operation.verdict =
      reply.starts_with('-') || reply.starts_with('!') ? PageVerdict::kError : PageVerdict::kOk;
}

// The end.

// The failure is of the tick. Nobody can know more than which operations began or ended in it.
void RecordingCollector::NameOperationsOfTick() {
  Failure failure = plan_.failure.value_or(Failure{});
  failure.event = tick_event_;
  content_.plan.failure = std::move(failure);
  std::stable_partition(of_tick_.begin(), of_tick_.end(), [this](uint64_t number) {
    const auto found = content_.operations.find(number);
    return found != content_.operations.end() && found->second.story;
  });
  size_t named = 0;
  for (const uint64_t number : of_tick_) {
    const auto found = content_.operations.find(number);
    if (found == content_.operations.end() || named++ == kPageNamedMax) continue;
    found->second.named = found->second.story = true;
    content_.plan.subject.operations.push_back(number);
  }
}

void RecordingCollector::ChainCauses() {
  PagePlan& plan = content_.plan;
  if (!plan.failure) return;
  for (const EventId event : causes_.Chain(plan.failure->event, kPageChainMax)) {
    const auto found = content_.events.find(event);
    if (found == content_.events.end()) continue;
    found->second.chain = true;
    plan.chain.push_back(event);
  }
  plan.chain_left_out = causes_.Depth(plan.failure->event) - plan.chain.size();
  std::reverse(plan.chain.begin(), plan.chain.end());
}

std::string RecordingCollector::KeyOfCauses() const {
  const std::vector<EventId>& chain = content_.plan.chain;
  for (auto event = chain.rbegin(); event != chain.rend(); ++event) {
    const PageEvent& entry = content_.events.at(*event);
    if (!entry.key.empty()) return entry.key;
    for (const EventId input : entry.inputs) {
      const auto found = content_.events.find(input);
      if (found != content_.events.end() && !found->second.key.empty()) return found->second.key;
    }
  }
  return {};
}

void RecordingCollector::Finish() {
  if (plan_.failure && !content_.plan.failure) {
    Note("the process died in it");
    AddTick();
    const auto kept = content_.events.find(tick_event_);
    if (kept != content_.events.end()) {
      kept->second.note = Format("tick %u: ", tick_) + Shown(notes_);
    }
    NameOperationsOfTick();
  }
  PagePlan& plan = content_.plan;
  if (!window_.empty()) {
    plan.first = window_.front();
    plan.last = window_.back();
  }
  plan.end = {causes_.events()};
  content_.ended = now_;
  ChainCauses();
  std::erase_if(content_.operations, [&plan](const auto& each) {
    const PageOperation& operation = each.second;
    const EventId last =
        operation.verdict == PageVerdict::kOpen ? operation.begin_event : operation.end_event;
    return !operation.story && (last < plan.first || plan.last < operation.begin_event);
  });
}

}  // namespace quorate::sim
