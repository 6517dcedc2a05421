// SPDX-License-Identifier: Apache-2.0
// One shard and the world around it: the loop that turns ready sockets, messages of siblings,
// finished commits and passed deadlines into ticks, and carries out what a tick brought about.
//
// A tick: wait; read the clocks; BeginTick; read every ready socket; take the queues; EndTick; hand
// over to storage, siblings and peers; write to clients. Nothing in it blocks but the wait.
//
// Everything runs on the loop's thread but what is marked "any thread".
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "engine/env/network.h"
#include "engine/node/shard.h"
#include "io/net/client_set.h"
#include "io/net/peer_addresses.h"
#include "io/net/peer_link.h"
#include "io/net/peer_server.h"
#include "io/reactor/bounded_queue.h"
#include "io/reactor/reactor.h"
#include "io/recording/record_file.h"
#include "io/recording/record_options.h"
#include "io/runtime/latency_histogram.h"
#include "io/runtime/local_clients.h"
#include "io/runtime/shard_doors.h"

namespace quorate::io {

// What the loops of a node share; lent.
struct LoopContext {
  Kernel& kernel;
  const topology::Topology& topology;
  env::Observer& observer;
  StorageThread& storage;
  PeerAddresses& addresses;
  Transport& peer_transport;
  std::atomic<size_t>& node_clients;
  ClientLimits clients;
  size_t link_bytes_max = 0;
  Duration wall_offset{0};
  // Called on the loop's thread when a setting of CONFIG has changed.
  std::function<void(const commands::ConfigTable&)> config_changed;
  RecordOptions record;
};

class ShardLoop final : public env::Network {
 public:
  using Task = std::function<void()>;

  static absl::StatusOr<std::unique_ptr<ShardLoop>> Create(const LoopContext& context,
                                                           const node::ShardOptions& options);
  ~ShardLoop() override;
  ShardLoop(const ShardLoop&) = delete;
  ShardLoop& operator=(const ShardLoop&) = delete;

  // Before the first tick. The siblings, this loop included, by shard.
  void SetSiblings(std::vector<ShardLoop*> siblings) { siblings_ = std::move(siblings); }
  absl::Status ListenForClients(PoolId pool, Transport::Listening listening, Transport& transport);
  absl::Status ListenForPeers(Transport::Listening listening);

  // Runs ticks on a thread until Exit.
  void StartThread();
  void Exit();  // any thread
  void Join();
  // One tick, on the caller's thread. Without a limit it waits until something happens.
  void RunOnce(std::optional<Duration> limit);

  // Any thread.
  [[nodiscard]] size_t PushMessages(std::vector<wire::Message>& messages);
  void PushCompletions(std::vector<StorageCompletion>& completions);
  [[nodiscard]] bool PushTask(Task task);
  // Begins the orderly end of the shard; stopped() says when it is done.
  void RequestStop();
  [[nodiscard]] bool loading() const { return loading_.load(std::memory_order_acquire); }
  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_acquire); }
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
  // True on the loop's thread, and on any while it has none.
  [[nodiscard]] bool OnThisThread() const {
    const std::thread::id id = thread_id_.load(std::memory_order_acquire);
    return id == std::thread::id() || id == std::this_thread::get_id();
  }
  // The caller's thread is the loop's.
  void AdoptThread() { thread_id_.store(std::this_thread::get_id(), std::memory_order_release); }
  // After Join: drops the tasks that were not run.
  void DropTasks() { static_cast<void>(tasks_.TakeAll(tasks_taken_)), tasks_taken_.clear(); }

  // env::Network.
  void Send(const env::Target& target, wire::Message message) override;

  [[nodiscard]] node::Shard& shard() { return *shard_; }
  [[nodiscard]] LocalClients& locals() { return *locals_; }
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const ClientSet& clients() const { return *clients_; }
  [[nodiscard]] const LinkCounters& link_counters() const { return link_counters_; }
  [[nodiscard]] const LatencyHistogram& tick_times() const { return tick_times_; }
  [[nodiscard]] uint64_t queue_drops() const { return queue_drops_; }
  void ReconnectTo(NodeId peer);
  [[nodiscard]] int fd() const { return reactor_->fd(); }
  [[nodiscard]] Instant NextDeadline() const;

 private:
  ShardLoop(const LoopContext& context, const node::ShardOptions& options,
            std::unique_ptr<Reactor> reactor, std::unique_ptr<RecordFile> record);

  void MakeShard(const node::ShardOptions& options, std::unique_ptr<RecordFile> record);
  [[nodiscard]] node::RequestPort& PortOf(PoolId pool) {
    return recorder_ ? recorder_->Port(pool) : shard_->Port(pool);
  }
  void Deliver(const wire::Message& message);
  void DeliverTaken();
  void BeginTick();
  void TakeQueues();
  void EndTick();
  void EndShardTick();
  void TurnRecording();
  bool CarryOut();
  void TakeCompletions(bool from_thread);
  void TakeDirectResults();
  void TakeFrame(wire::Frame frame);
  void Route(const env::Target& target, wire::Message message);
  [[nodiscard]] uint16_t ShardOf(const env::Target& target) const;
  PeerLink* LinkTo(NodeId node);
  void RunTimers();
  void PublishState();
  void ApplyConfig();
  [[nodiscard]] bool busy() const;

  const LoopContext context_;
  const NodeId self_;
  const uint16_t index_;
  const uint16_t shards_;
  std::unique_ptr<Reactor> reactor_;
  Instant now_{};
  WallTime wall_{};

  ShardStorage storage_;
  LinkCounters link_counters_;
  LinkContext link_context_;
  std::map<NodeId, std::unique_ptr<PeerLink>> links_;
  std::vector<PeerLink*> links_in_tick_;
  Instant links_at_ = Instant::max();  // when the first link attempt has taken too long

  std::unique_ptr<RecordFile> record_file_;
  std::unique_ptr<recording::Recorder> recorder_;  // null: nothing is recorded
  Instant checkpoint_began_{};
  Duration checkpoint_pause_{0};  // the longest for it
  std::unique_ptr<node::Shard> shard_;
  std::unique_ptr<ClientSet> clients_;
  std::unique_ptr<LocalClients> locals_;
  std::unique_ptr<PeerServer> peers_;

  std::vector<ShardLoop*> siblings_;
  std::vector<std::vector<wire::Message>>
      to_siblings_;  // by shard; own messages for the next tick too

  BoundedQueue<wire::Message> messages_;
  BoundedQueue<StorageCompletion> completions_;
  BoundedQueue<Task> tasks_;
  std::vector<wire::Message> messages_taken_;
  std::vector<StorageCompletion> completions_taken_;
  std::vector<Task> tasks_taken_;

  wire::FrameHeader frame_header_;
  Instant sweep_at_{};
  Instant stop_deadline_ = Instant::max();
  uint64_t config_changes_ = 0;  // those that were applied
  bool started_ = false;
  bool stopping_ = false;
  uint64_t queue_drops_ = 0;
  LatencyHistogram tick_times_;

  std::atomic<bool> loading_{true};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> failed_{false};
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> exit_requested_{false};
  std::atomic<std::thread::id> thread_id_{};
  std::thread thread_;
};

}  // namespace quorate::io
