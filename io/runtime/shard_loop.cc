// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/shard_loop.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/check.h"
#include "io/net/limits.h"
#include "io/runtime/limits.h"

namespace quorate::io {
namespace {

// Completions are bounded by what the shard itself submitted, and none may be lost.
constexpr size_t kCompletionsMax = std::numeric_limits<size_t>::max();

}  // namespace

absl::StatusOr<std::unique_ptr<ShardLoop>> ShardLoop::Create(const LoopContext& context,
                                                             const node::ShardOptions& options) {
  QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<Reactor> reactor, Reactor::Create(context.kernel));
  std::unique_ptr<RecordFile> record;
  if (!context.record.file.empty()) {
    const std::string suffix = options.shards == 1 ? "" : Format(".shard%u", options.shard.value);
    QUORATE_ASSIGN_OR_RETURN(record, RecordFile::Open(context.record.file + suffix,
                                                      context.record.bytes_max, context.observer));
  }
  return std::unique_ptr<ShardLoop>(
      new ShardLoop(context, options, std::move(reactor), std::move(record)));
}

void ShardLoop::MakeShard(const node::ShardOptions& options, std::unique_ptr<RecordFile> record) {
  if (record == nullptr) {
    shard_ = std::make_unique<node::Shard>(options, context_.topology, *this, storage_,
                                           context_.observer);
    return;
  }
  record_file_ = std::move(record);
  recording::RecorderOptions recorded;
  recorded.hides = context_.record.hides;
  recorded.segment_bytes_max = context_.record.bytes_max / 2;
  recorded.start.options = options;
  recorded.start.topology = context_.topology.Encode();
  recorder_ = std::make_unique<recording::Recorder>(std::move(recorded), *record_file_, *this,
                                                    storage_, context_.observer);
  shard_ = std::make_unique<node::Shard>(options, context_.topology, *recorder_, *recorder_,
                                         context_.observer);
  recorder_->SetShard(*shard_);
}

void ShardLoop::Deliver(const wire::Message& message) {
  recorder_ ? recorder_->Deliver(message) : shard_->Deliver(message);
}

ShardLoop::ShardLoop(const LoopContext& context, const node::ShardOptions& options,
                     std::unique_ptr<Reactor> reactor, std::unique_ptr<RecordFile> record)
    : context_(context),
      self_(options.record.node),
      index_(options.shard.value),
      shards_(options.shards),
      reactor_(std::move(reactor)),
      storage_(context.storage, options.shard, now_),
      link_context_{*reactor_,
                    context.peer_transport,
                    context.addresses,
                    context.observer,
                    link_counters_,
                    now_,
                    options.seed ^ self_.value ^ index_,
                    context.link_bytes_max},
      to_siblings_(options.shards),
      messages_(kSiblingMessagesMax),
      completions_(kCompletionsMax),
      tasks_(kTasksMax) {
  MakeShard(options, std::move(record));
  // The in-process clients take the first ids.
  const uint64_t first_id = uint64_t{index_} + 1;
  const uint64_t id_step = uint64_t{shards_} * 2;
  locals_ = std::make_unique<LocalClients>(
      [this](PoolId pool) -> node::RequestPort& { return PortOf(pool); }, first_id, id_step);
  clients_ = std::make_unique<ClientSet>(*reactor_, context.observer, context.clients,
                                         context.node_clients, first_id + shards_, id_step);
  config_changes_ = shard_->config().changes();
  peers_ = std::make_unique<PeerServer>(*reactor_, context.observer, context.topology, self_,
                                        link_counters_, now_,
                                        [this](wire::Frame frame) { TakeFrame(std::move(frame)); });
  frame_header_.cluster = wire::ClusterTag(context.topology.cluster());
  frame_header_.epoch = context.topology.epoch();
  frame_header_.sender.node = self_;
  frame_header_.sender.incarnation = options.record.incarnation;
}

ShardLoop::~ShardLoop() {
  QUORATE_CHECK(!thread_.joinable());
  // What the end of clients would be noted as is no part of the shard's life.
  if (recorder_) recorder_->Finish();
}

absl::Status ShardLoop::ListenForClients(PoolId pool, Transport::Listening listening,
                                         Transport& transport) {
  return clients_->Listen(std::move(listening), transport, PortOf(pool));
}

absl::Status ShardLoop::ListenForPeers(Transport::Listening listening) {
  return peers_->Listen(std::move(listening), context_.peer_transport);
}

// --- threads

void ShardLoop::StartThread() {
  thread_ = std::thread([this] {
    while (!exit_requested_.load(std::memory_order_acquire)) RunOnce(std::nullopt);
  });
  thread_id_.store(thread_.get_id(), std::memory_order_release);
}

void ShardLoop::Exit() {
  exit_requested_.store(true, std::memory_order_release);
  reactor_->Wake();
}

void ShardLoop::Join() {
  if (thread_.joinable()) thread_.join();
  thread_id_.store(std::thread::id(), std::memory_order_release);
}

size_t ShardLoop::PushMessages(std::vector<wire::Message>& messages) {
  const size_t dropped = messages_.PushAll(messages);
  reactor_->Wake();
  return dropped;
}

void ShardLoop::PushCompletions(std::vector<StorageCompletion>& completions) {
  const size_t dropped = completions_.PushAll(completions);
  QUORATE_CHECK(dropped == 0);
  reactor_->Wake();
}

bool ShardLoop::PushTask(Task task) {
  if (!tasks_.Push(std::move(task))) return false;
  reactor_->Wake();
  return true;
}

void ShardLoop::RequestStop() {
  stop_requested_.store(true, std::memory_order_release);
  reactor_->Wake();
}

// --- the tick

void ShardLoop::RunOnce(std::optional<Duration> limit) {
  Duration timeout = busy() ? Duration(0) : kSleepMax;
  if (timeout > Duration(0)) {
    const Instant next = NextDeadline();
    if (next != Instant::max()) {
      timeout = std::clamp(next - context_.kernel.Monotonic(), Duration(0), timeout);
    }
  }
  if (limit) timeout = std::min(timeout, std::max(*limit, Duration(0)));
  reactor_->Wait(timeout);
  BeginTick();
  peers_->ReadWaiting();
  clients_->ReadWaiting();
  reactor_->Dispatch();
  TakeQueues();
  RunTimers();
  EndTick();
}

void ShardLoop::BeginTick() {
  const Clocks clocks{context_.kernel.Monotonic(), context_.kernel.Wall(context_.wall_offset)};
  now_ = clocks.monotonic;
  wall_ = clocks.wall;
  recorder_ ? recorder_->BeginTick(clocks) : shard_->BeginTick(clocks);
  if (!std::exchange(started_, true)) recorder_ ? recorder_->Start() : shard_->Start();
  clients_->BeginTick(now_);
}

// What was lent goes at once: a shard that then rests must not keep it.
void ShardLoop::DeliverTaken() {
  for (const wire::Message& message : messages_taken_) Deliver(message);
  messages_taken_.clear();
}

void ShardLoop::TakeQueues() {
  std::vector<wire::Message>& own = to_siblings_[index_];
  if (!own.empty()) {
    messages_taken_.swap(own);
    own.clear();
    DeliverTaken();
  }
  if (storage_.has_results()) TakeDirectResults();
  if (completions_.TakeAll(completions_taken_)) TakeCompletions(/*from_thread=*/true);
  if (messages_.TakeAll(messages_taken_)) DeliverTaken();
  if (tasks_.TakeAll(tasks_taken_)) {
    for (Task& task : tasks_taken_) {
      task();
      task = nullptr;  // what it holds tells others that it is over
    }
  }
  clients_->SetPaused(storage_.backlog_bytes() > kStorageBacklogBytesMax);
}

void ShardLoop::TakeCompletions(bool from_thread) {
  for (StorageCompletion& completion : completions_taken_) {
    storage_.Completed(completion, from_thread);
    recorder_ ? recorder_->OnStorage(std::move(completion.event))
              : shard_->OnStorage(std::move(completion.event));
  }
}

void ShardLoop::TakeDirectResults() {
  storage_.TakeResults(completions_taken_);
  TakeCompletions(/*from_thread=*/false);
}

void ShardLoop::RunTimers() {
  if (stop_requested_.load(std::memory_order_acquire) && !std::exchange(stopping_, true)) {
    clients_->StopListening();
    recorder_ ? recorder_->Stop() : shard_->Stop();
  }
  if (now_ >= links_at_) {
    links_at_ = Instant::max();
    for (const auto& [node, link] : links_) {
      link->OnTime();
      links_at_ = std::min(links_at_, link->deadline());
    }
  }
  if (now_ < sweep_at_) return;
  clients_->Sweep();
  clients_->RetryListeners();
  peers_->Sweep();
  peers_->RetryListeners();
  sweep_at_ =
      now_ + (clients_->resting() || peers_->resting() ? kAcceptRetryDelay : kSweepInterval);
}

void ShardLoop::EndShardTick() { recorder_ ? recorder_->EndTick() : shard_->EndTick(); }

void ShardLoop::EndTick() {
  EndShardTick();
  if (CarryOut()) {
    // The commit is done already: a second, short tick spares its clients a round of the loop.
    recorder_ ? recorder_->BeginTick({now_, wall_}) : shard_->BeginTick({now_, wall_});
    TakeDirectResults();
    EndShardTick();
    static_cast<void>(CarryOut());
  }
  if (recorder_) TurnRecording();
  clients_->AfterTick();
  locals_->AfterTick();
  peers_->DestroyClosed();
  PublishState();
  tick_times_.Add(context_.kernel.Monotonic() - now_);
}

void ShardLoop::TurnRecording() {
  const recording::Recorder::Counters& counters = recorder_->counters();
  const uint64_t segments = counters.segments, checkpoints = counters.checkpoints;
  const Instant began = context_.kernel.Monotonic();
  recorder_->Turn();
  const Instant now = context_.kernel.Monotonic();
  if (counters.segments != segments) {
    checkpoint_began_ = began;
    checkpoint_pause_ = Duration{0};
  }
  checkpoint_pause_ = std::max(checkpoint_pause_, now - began);
  if (counters.checkpoints == checkpoints) return;
  context_.observer.Log(
      env::LogLevel::kInfo,
      Format("recording: a segment has its checkpoint, %u bytes in %u ticks and %d ms; none took "
             "more than %d us",
             counters.checkpoint_bytes, counters.checkpoint_ticks, (now - checkpoint_began_) / 1ms,
             checkpoint_pause_ / 1us));
}

// What others wait for goes first; they can work on it while this thread writes to its clients.
// True where the commit is done already.
bool ShardLoop::CarryOut() {
  const bool committed = storage_.EndTick();
  for (uint16_t i = 0; i < shards_; ++i) {
    if (i == index_ || to_siblings_[i].empty()) continue;
    queue_drops_ += siblings_[i]->PushMessages(to_siblings_[i]);
  }
  if (links_in_tick_.empty()) return committed;
  frame_header_.sender.wall = wall_;
  for (PeerLink* link : links_in_tick_) {
    link->EndTick(frame_header_);
    links_at_ = std::min(links_at_, link->deadline());
  }
  links_in_tick_.clear();
  return committed;
}

void ShardLoop::PublishState() {
  if (loading_.load(std::memory_order_relaxed) != shard_->loading()) {
    loading_.store(shard_->loading(), std::memory_order_release);
  }
  if (shard_->config().changes() != config_changes_) ApplyConfig();
  if (!failed_.load(std::memory_order_relaxed) && !shard_->health().ok()) {
    failed_.store(true, std::memory_order_release);
  }
  if (!stopping_ || stopped_.load(std::memory_order_relaxed) || !shard_->stopped()) return;
  // The last replies get a moment to leave.
  if (stop_deadline_ == Instant::max()) stop_deadline_ = now_ + kLastRepliesTime;
  if (now_ < stop_deadline_ && clients_->owes_output()) return;
  stopped_.store(true, std::memory_order_release);
}

void ShardLoop::ApplyConfig() {
  const commands::ConfigTable& config = shard_->config();
  config_changes_ = config.changes();
  ClientLimits limits = clients_->limits();
  limits.clients_max = config.clients_max();
  limits.idle_timeout = config.idle_seconds_max() * 1s;
  limits.keep_alive = config.keep_alive_seconds() * 1s;
  clients_->SetLimits(limits);
  if (context_.config_changed) context_.config_changed(config);
}

bool ShardLoop::busy() const {
  return clients_->busy() || locals_->busy() || peers_->busy() || !to_siblings_[index_].empty() ||
         storage_.has_results();
}

Instant ShardLoop::NextDeadline() const {
  if (busy() || !started_) return now_;
  Instant next = std::min(shard_->NextDeadline(), links_at_);
  if (recorder_) next = std::min(next, recorder_->deadline());
  if (clients_->size() > 0 || peers_->size() > 0 || clients_->resting() || peers_->resting()) {
    next = std::min(next, sweep_at_);
  }
  if (stopping_ && !stopped()) next = std::min(next, stop_deadline_);
  return next;
}

// --- messages

uint16_t ShardLoop::ShardOf(const env::Target& target) const {
  switch (target.kind) {
    case env::TargetKind::kNode:
      return 0;
    case env::TargetKind::kPartition:
    case env::TargetKind::kGroup:
      return static_cast<uint16_t>(target.value % shards_);
    case env::TargetKind::kRequester:
      return static_cast<uint16_t>(target.value >> 48);
  }
  return shards_;  // a number that no release of ours sends
}

void ShardLoop::Send(const env::Target& target, wire::Message message) {
  if (target.node == self_) return Route(target, std::move(message));
  PeerLink* const link = LinkTo(target.node);
  const bool noted = link->has_messages();
  link->Send(target, std::move(message));
  if (!noted && link->has_messages()) links_in_tick_.push_back(link);
}

// For a shard of this node; to the own one it comes with the next tick.
void ShardLoop::Route(const env::Target& target, wire::Message message) {
  const uint16_t shard = ShardOf(target);
  if (shard >= shards_) return;  // of a life with more shards
  to_siblings_[shard].push_back(std::move(message));
}

void ShardLoop::TakeFrame(wire::Frame frame) {
  for (wire::Envelope& envelope : frame.envelopes) {
    if (ShardOf(envelope.target) == index_) {
      Deliver(envelope.message);
    } else {
      Route(envelope.target, std::move(envelope.message));
    }
  }
}

PeerLink* ShardLoop::LinkTo(NodeId node) {
  std::unique_ptr<PeerLink>& link = links_[node];
  if (link == nullptr) link = std::make_unique<PeerLink>(link_context_, node);
  return link.get();
}

void ShardLoop::ReconnectTo(NodeId peer) {
  if (const auto found = links_.find(peer); found != links_.end()) found->second->Reconnect();
}

}  // namespace quorate::io
