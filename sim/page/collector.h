// SPDX-License-Identifier: Apache-2.0
// The second look at a run: keeps all that happened near the failure, and of the rest what concerns
// its key, the chain of its causes, the lives of nodes and the faults.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/page/content.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class Collector final : public WorldObserver {
 public:
  explicit Collector(PagePlan plan) { content_.plan = std::move(plan); }

  void RunBegan(const WorldView& world) override { world_ = &world; }
  void Happened(const WorldEvent& event) override;
  void Carried(EventId event, const wire::Message& message) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void Began(const FaultBegan& began) override;
  void Ended(const FaultEnded& ended) override;
  void Crashed(NodeIndex node, SimTime time) override { EndLife(node, time, "crashed"); }
  void Stopped(NodeIndex node, SimTime time) override { EndLife(node, time, "stopped"); }
  void Started(NodeIndex node, SimTime time) override;
  void PhaseBegan(Phase phase, SimTime time) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;
  [[nodiscard]] bool wants_more() const override { return now_.id <= content_.plan.end; }

  [[nodiscard]] const PageContent& content() const { return content_; }

 private:
  using Place = std::pair<NodeIndex, uint16_t>;
  using Request = std::pair<uint32_t, uint64_t>;  // who asks, and the number

  // The event under way, kept from now on; null where it is not to be kept.
  PageEvent* Kept(bool story);
  [[nodiscard]] bool IsPlanned(EventId event) const;
  // Whether the key of the subject may be this pool's.
  [[nodiscard]] bool MayBeOf(PoolId pool) const;
  [[nodiscard]] bool ConcernsKey(const WorldEvent& event, const wire::Message& message);
  // Whether the event follows from what is kept as the story so far.
  [[nodiscard]] bool Continues(const WorldEvent& event, const std::vector<EventId>& inputs);
  void Forget();
  void EndLife(NodeIndex node, SimTime time, std::string_view how);

  PageContent content_;
  const WorldView* world_ = nullptr;
  WorldEvent now_;
  std::vector<EventId> now_inputs_;
  std::vector<SimTime> times_;  // by event - 1
  std::deque<EventId> story_;   // those that may go
  std::set<EventId> followed_;  // ticks and wakes of the story: what they send belongs to it
  std::set<Request> requests_;  // that concern the key
  std::map<Place, std::vector<EventId>> inputs_;  // since the last tick
  std::deque<uint64_t> may_go_;
  std::map<NodeIndex, size_t> living_;   // the place in the lives
  std::map<uint32_t, size_t> in_force_;  // by index in the schedule
};

}  // namespace quorate::sim
