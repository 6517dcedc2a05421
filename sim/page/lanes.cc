// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "sim/fault/words.h"
#include "sim/page/limits.h"
#include "sim/page/page.h"

namespace quorate::sim {
namespace {

// What an event or operation says for the lane it is on.
constexpr uint64_t kWeightFailed = 1'000'000'000;
constexpr uint64_t kWeightLastCauses = 1'000'000;
constexpr uint64_t kWeightStory = 1'000;
constexpr uint64_t kWeightCause = 100;
// Causes that are sure to be seen.
constexpr size_t kLastCauses = 24;

uint64_t WeightOf(const PageEvent& entry, EventId last_causes) {
  if (entry.chain && entry.event.id >= last_causes) return kWeightLastCauses;
  return entry.story ? kWeightStory : entry.chain ? kWeightCause : 1;
}

bool IsMessage(const PageEvent& entry) { return entry.kind.starts_with("message-"); }

std::vector<uint32_t> Heaviest(const std::map<uint32_t, uint64_t>& weights, size_t count) {
  std::vector<std::pair<uint64_t, uint32_t>> order;
  order.reserve(weights.size());
  for (const auto& [index, weight] : weights) order.push_back({weight, index});
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (order.size() > count) order.resize(count);
  std::vector<uint32_t> chosen;
  chosen.reserve(order.size());
  for (const auto& [weight, index] : order) chosen.push_back(index);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

PageLanes ChooseLanes(const PageContent& content, uint32_t nodes,
                      const std::vector<uint32_t>& wanted) {
  std::map<uint32_t, uint64_t> of_nodes;
  for (uint32_t node = 0; node < nodes; ++node) of_nodes[node] = 0;
  const std::vector<EventId>& chain = content.plan.chain;
  const EventId last_causes =
      chain.size() <= kLastCauses ? EventId{} : chain[chain.size() - kLastCauses];
  for (const auto& [id, entry] : content.events) {
    const uint64_t weight = WeightOf(entry, last_causes);
    if (entry.event.node != kNoNode) of_nodes[entry.event.node.value] += weight;
    if (IsMessage(entry)) of_nodes[entry.event.peer] += weight;
  }
  std::map<uint32_t, uint64_t> of_clients;
  for (const auto& [number, operation] : content.operations) {
    const bool told = operation.failed || operation.named;
    of_clients[operation.client] += told ? kWeightFailed : operation.story ? kWeightStory : 1;
  }
  PageLanes lanes;
  lanes.nodes = wanted.empty() ? Heaviest(of_nodes, kPageLanesMax) : wanted;
  lanes.clients = Heaviest(of_clients, kPageClientsMax);
  return lanes;
}

bool HasLane(const std::vector<uint32_t>& lanes, uint32_t lane) {
  return std::binary_search(lanes.begin(), lanes.end(), lane);
}

bool IsShown(const PageEvent& event, const PageLanes& lanes) {
  const NodeIndex node = event.event.node;
  return event.chain || node == kNoNode || HasLane(lanes.nodes, node.value);
}

bool IsShown(const PageOperation& operation, const PageLanes& lanes) {
  return HasLane(lanes.clients, operation.client);
}

std::string TextOf(const PageFault& fault, const PageRun& run) {
  for (const Fault& planned : run.schedule.faults) {
    if (planned.id == fault.id) return Words(planned, run.schedule.nodes);
  }
  return {};
}

std::vector<std::string> LeftOut(const PageContent& content, const PageRun& run,
                                 const PageLanes& lanes) {
  std::vector<std::string> lines;
  const PagePlan& plan = content.plan;
  const PageLeftOut& left_out = content.left_out;
  const auto add = [&lines](uint64_t count, const std::string& text) {
    if (count > 0) lines.push_back(Format("%u ", count) + text);
  };
  const uint64_t all = plan.first == EventId{} ? 0 : plan.last.value - plan.first.value + 1;
  const bool about = plan.failure.has_value() || !plan.subject.key.empty();
  add(run.events - all,
      Format("events outside of the window (%u to %u)%s", plan.first.value, plan.last.value,
             about ? ", unless they concern the failure or the key" : ""));
  add(plan.window_left_out, "of them in the time that was asked for: make it shorter");
  add(plan.chain_left_out, "causes, the first ones");
  add(left_out.story, "earlier events on the key");
  add(left_out.operations, "earlier operations on the key");
  add(left_out.faults, "faults, the last ones");
  add(left_out.lives, "lives of nodes, the last ones");
  add(run.nodes - lanes.nodes.size(), "nodes: --lanes names others");
  return lines;
}

}  // namespace quorate::sim
