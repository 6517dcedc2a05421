// SPDX-License-Identifier: Apache-2.0
// What is on the page of a recording: all that happened in the shard near the end of it, or near
// its failure, which is where a replay ends; and of the rest what concerns a key. One look does.
//
// What happens at a tick has the tick's time; what comes between two ticks has that of the first.
// A message leaves when its tick ends, and when it arrives nobody knows.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/recording/format.h"
#include "engine/topology/topology.h"
#include "sim/page/content.h"
#include "sim/recording/replay_observer.h"
#include "sim/trace/causes.h"

namespace quorate::sim {

// What is known of a recording before it is looked at.
struct RecordingPlan {
  PageTimes times;  // since the recording begins
  std::string key;  // empty: of no key
  // Without its event, which is that of the tick.
  std::optional<Failure> failure;
  uint64_t failing_tick = 0;
};

class RecordingCollector final : public ReplayObserver {
 public:
  // The header and the topology are lent.
  RecordingCollector(const recording::Header& header, const topology::Topology& topology,
                     RecordingPlan plan);

  void TickBegan(uint64_t tick, const Clocks& clocks) override;
  void TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) override;
  void Started() override { Note("the shard starts"); }
  void Stopped() override { Note("the shard is to stop"); }
  void Came(const wire::Message& message) override;
  void Committed(env::CommitToken token, absl::StatusCode code) override;
  void Scanned(const env::ScanDone& scan) override;
  void Attached(PoolId pool, ClientId client) override;
  void Detached(PoolId pool, ClientId client) override;
  void Asked(PoolId pool, ClientId client, commands::RequestSlot slot,
             const std::vector<std::string_view>& args) override;
  void Sent(const env::Target& target, const wire::Message& message) override;
  void CommitBegan(const env::WriteBatch& batch, env::CommitToken token) override;
  void ScanBegan(env::ReadToken token) override;
  void Replied(PoolId pool, ClientId client, commands::RequestSlot slot,
               std::string_view reply) override;
  void Logged(env::LogLevel /*level*/, std::string_view text) override { Note(std::string(text)); }

  // Nothing follows: a tick that did not end is the one in which it died.
  void Finish();
  // The key that is named last among the causes of the failure and what came with them; empty where
  // none is. Behind Finish.
  [[nodiscard]] std::string KeyOfCauses() const;

  [[nodiscard]] const PageContent& content() const { return content_; }
  [[nodiscard]] uint64_t events() const { return causes_.events(); }
  [[nodiscard]] uint64_t operations() const { return operations_; }
  // Of the lanes of nodes, by index: this shard, its peers, then whoever else was heard of.
  [[nodiscard]] const std::vector<std::string>& places() const { return places_; }

 private:
  // What something is the answer to, or the end of.
  struct Begun {
    EventId event;
    SimTime time;
    bool story = false;
  };
  using Correspondence = std::map<std::pair<NodeId, uint64_t>, Begun>;
  using Request = std::pair<uint32_t, uint64_t>;  // client, slot

  // The number of a new event, which is kept where it is to be.
  EventId Add(PageEvent entry, bool story);
  // Something that goes into the tick under way.
  EventId AddInput(PageEvent entry, bool story);
  // Something that comes out of it.
  EventId AddEffect(PageEvent entry, bool story);
  void AddTick();
  void Forget();
  void ForgetOperations();
  void Note(std::string text) { notes_ += (notes_.empty() ? "" : "; ") + std::move(text); }
  [[nodiscard]] PageEvent EventOf(std::string_view kind, uint32_t peer) const;
  [[nodiscard]] uint32_t IndexOf(NodeId node);
  [[nodiscard]] uint32_t ClientOf(PoolId pool, ClientId client);
  void Hear(const wire::Sender& sender);
  void NameOperationsOfTick();
  void ChainCauses();

  const recording::Header& header_;
  const RecordingPlan plan_;
  PageContent content_;
  Causes causes_;
  SimTime now_;
  Instant began_{};
  std::deque<EventId> window_;  // those that are kept because they came last
  std::deque<EventId> story_;   // those that are kept because they concern the key

  uint64_t tick_;  // under way, or the next
  EventId tick_event_;
  bool tick_story_ = false;
  std::vector<EventId> inputs_;
  std::vector<uint64_t> of_tick_;  // operations that are asked or answered in it
  std::string notes_;

  std::vector<std::string> places_;
  std::map<NodeId, uint32_t> nodes_;
  std::map<uint32_t, size_t> living_;  // the place in the lives
  std::map<std::pair<PoolId, ClientId>, uint32_t> clients_;
  Correspondence questions_;  // that this shard asked
  Correspondence asked_;      // that it was asked
  std::map<uint64_t, Begun> commits_;
  std::map<uint64_t, Begun> scans_;
  std::map<Request, uint64_t> under_way_;  // operations
  std::deque<uint64_t> done_;              // operations that are of no story
  std::deque<uint64_t> told_;              // those that are
  uint64_t operations_ = 0;
};

}  // namespace quorate::sim
