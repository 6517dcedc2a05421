// SPDX-License-Identifier: Apache-2.0
// The second look at a run: keeps all that happened near the failure, and of the rest what concerns
// its key, the chain of its causes, the lives of nodes and the faults.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/page/survey.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct PageEvent {
  WorldEvent event;
  SimTime sent;                 // of a message or bytes: when they left
  std::vector<EventId> inputs;  // of a tick
  std::string note;
  bool chain = false;
  bool story = false;  // it concerns the key of the failure
};

enum class PageVerdict : uint8_t { kOpen, kOk, kError, kUnknown };

struct PageOperation {
  uint64_t number = 0;
  uint32_t client = 0;
  NodeIndex node;
  SimTime begin;
  SimTime end;
  EventId begin_event;
  EventId end_event;
  PageVerdict verdict = PageVerdict::kOpen;
  Phase phase = Phase::kFaults;
  std::string command;
  std::string answer;
  std::string levels;
  bool story = false;
  bool named = false;   // by the failure
  bool failed = false;  // what it was answered is the failure
};

struct PageLife {
  NodeIndex node;
  uint32_t life = 0;
  uint16_t shards = 0;
  SimTime from;
  std::optional<SimTime> until;
  std::string_view end = "up";  // crashed, stopped
};

struct PageFault {
  uint64_t id = 0;
  FaultKind kind = FaultKind::kCrash;
  std::vector<NodeIndex> nodes;
  SimTime from;
  std::optional<SimTime> until;
  uint64_t effects = 0;
};

// What of the run is not on the page.
struct PageLeftOut {
  uint64_t story = 0;
  uint64_t operations = 0;
  uint64_t faults = 0;
  uint64_t lives = 0;
};

class Collector final : public WorldObserver {
 public:
  explicit Collector(PagePlan plan) : plan_(std::move(plan)) {}

  void RunBegan(const WorldView& world) override { world_ = &world; }
  void Happened(const WorldEvent& event) override;
  void Carried(EventId event, const wire::Message& message) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void Began(const FaultBegan& fault) override;
  void Ended(const FaultEnded& fault) override;
  void Crashed(NodeIndex node, SimTime time) override { EndLife(node, time, "crashed"); }
  void Stopped(NodeIndex node, SimTime time) override { EndLife(node, time, "stopped"); }
  void Started(NodeIndex node, SimTime time) override;
  void PhaseBegan(Phase phase, SimTime time) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;
  [[nodiscard]] bool wants_more() const override { return now_.id <= plan_.end; }

  [[nodiscard]] const PagePlan& plan() const { return plan_; }
  [[nodiscard]] const std::map<EventId, PageEvent>& events() const { return events_; }
  [[nodiscard]] const std::map<uint64_t, PageOperation>& operations() const { return operations_; }
  [[nodiscard]] const std::vector<PageLife>& lives() const { return lives_; }
  [[nodiscard]] const std::vector<PageFault>& faults() const { return faults_; }
  [[nodiscard]] const std::vector<std::pair<SimTime, Phase>>& phases() const { return phases_; }
  [[nodiscard]] const PageLeftOut& left_out() const { return left_out_; }
  [[nodiscard]] SimTime ended() const { return now_.time; }

 private:
  using Place = std::pair<NodeIndex, uint16_t>;
  using Request = std::pair<uint32_t, uint64_t>;  // who asks, and the number

  // The event under way, kept from now on; null where it is not to be kept.
  PageEvent* Kept(bool story);
  [[nodiscard]] bool IsPlanned(EventId event) const;
  [[nodiscard]] bool ConcernsKey(const WorldEvent& event, const wire::Message& message);
  // Whether the event follows from what is kept as the story so far.
  [[nodiscard]] bool Continues(const WorldEvent& event, const std::vector<EventId>& inputs);
  void Forget();
  void EndLife(NodeIndex node, SimTime time, std::string_view how);

  const PagePlan plan_;
  const WorldView* world_ = nullptr;
  WorldEvent now_;
  std::vector<EventId> now_inputs_;
  std::vector<SimTime> times_;  // by event - 1
  std::map<EventId, PageEvent> events_;
  std::deque<EventId> story_;   // those that may go
  std::set<EventId> followed_;  // ticks and wakes of the story: what they send belongs to it
  std::set<Request> requests_;  // that concern the key
  std::map<Place, std::vector<EventId>> inputs_;  // since the last tick
  std::map<uint64_t, PageOperation> operations_;
  std::deque<uint64_t> may_go_;
  std::vector<PageLife> lives_;
  std::map<NodeIndex, size_t> living_;  // the place in lives_
  std::vector<PageFault> faults_;
  std::map<uint32_t, size_t> in_force_;  // by index in the schedule
  std::vector<std::pair<SimTime, Phase>> phases_;
  PageLeftOut left_out_;
};

}  // namespace quorate::sim
