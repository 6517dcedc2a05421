// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/shrinker.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/base/status.h"

namespace quorate::sim {
namespace {

using recording::EventKind;

bool IsOfClient(const DraftEvent& event) {
  return event.event.kind >= EventKind::kAttach && event.event.kind <= EventKind::kRequest;
}

std::string ClientOf(const DraftEvent& event) {
  if (!IsOfClient(event)) return {};
  return Format("%u %u", event.event.pool.value, event.event.client.value);
}

std::string PeerOf(const DraftEvent& event) {
  return IsMessage(event.event.kind) ? Format("%u", event.node.value) : std::string();
}

// All but what clients are known by.
std::string TickOf(const DraftEvent& event) {
  const EventKind kind = event.event.kind;
  if (IsOfClient(event) && kind != EventKind::kRequest) return {};
  return Format("%020u", event.tick);
}

std::string InputOf(const DraftEvent& event, size_t number) {
  switch (event.event.kind) {
    case EventKind::kBeginTick:
    case EventKind::kEndTick:
    case EventKind::kStart:
    case EventKind::kAttach:
    case EventKind::kClient:
      return {};
    default:
      return Format("%020u", number);
  }
}

Subset AllOf(size_t count) {
  Subset all(count);
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

}  // namespace

std::string Describe(const RecordingSize& size) {
  return Format("%u ticks, %u clients, %u requests, %u messages of %u peers, %u rows", size.ticks,
                size.clients, size.requests, size.messages, size.peers, size.rows);
}

RecordingSize RecordingShrinker::size() const {
  RecordingSize size;
  std::set<std::string> clients, peers;
  for (const DraftEvent& event : base_.draft.events()) {
    if (event.event.kind == EventKind::kRequest) ++size.requests;
    if (IsMessage(event.event.kind)) {
      ++size.messages;
      peers.insert(PeerOf(event));
    }
    if (IsOfClient(event)) clients.insert(ClientOf(event));
  }
  size.ticks = base_.draft.ticks();
  size.clients = clients.size();
  size.peers = peers.size();
  size.rows = base_.draft.rows().size() + base_.keys.size();
  return size;
}

DraftCut RecordingShrinker::Whole() const {
  return {AllOf(base_.draft.events().size()), std::nullopt, std::nullopt};
}

absl::Status RecordingShrinker::Run() {
  // What comes behind the failure goes at once.
  if (!Judge({Whole()})) return absl::OkStatus();
  QUORATE_RETURN_IF_ERROR(Rebase().status());
  // What is large costs most, so large parts go first.
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const GroupOf& group_of : {GroupOf(TickOf), GroupOf(ClientOf), GroupOf(PeerOf)}) {
      QUORATE_ASSIGN_OR_RETURN(const bool fewer, DropEvents(group_of));
      smaller = smaller || fewer;
    }
    size_t number = 0;
    QUORATE_ASSIGN_OR_RETURN(const bool fewer, DropEvents([&number](const DraftEvent& event) {
                               return InputOf(event, number++);
                             }));
    QUORATE_ASSIGN_OR_RETURN(const bool fewer_rows, DropRows());
    QUORATE_ASSIGN_OR_RETURN(const bool fewer_keys, DropKeys());
    smaller = smaller || fewer || fewer_rows || fewer_keys;
  }
  return absl::OkStatus();
}

std::optional<size_t> RecordingShrinker::Judge(const std::vector<DraftCut>& cuts) {
  std::optional<RecordingJudge::Judged> judged = judge_.FirstThatFails(base_, cuts);
  if (!judged) return std::nullopt;
  file_ = std::move(judged->file);
  smaller_ = true;
  return judged->cut;
}

// A pass counts the parts of the recording that it began with. Its result is the next one's base.
absl::StatusOr<bool> RecordingShrinker::Rebase() {
  if (!std::exchange(smaller_, false)) return false;
  QUORATE_ASSIGN_OR_RETURN(base_, judge_.BaseOf(file_));
  tell_(size());
  return true;
}

absl::StatusOr<bool> RecordingShrinker::DropEvents(const GroupOf& group_of) {
  std::vector<std::string> groups;
  Subset places, staying;
  const std::vector<DraftEvent>& events = base_.draft.events();
  // The tick in which the shard starts is needed by all.
  std::set<uint64_t> starts;
  for (const DraftEvent& event : events) {
    if (event.event.kind == EventKind::kStart) starts.insert(event.tick);
  }
  for (size_t i = 0; i < events.size(); ++i) {
    std::string group = group_of(events[i]);
    const EventKind kind = events[i].event.kind;
    const bool bound =
        starts.contains(events[i].tick) &&
        (kind == EventKind::kStart || kind == EventKind::kBeginTick || kind == EventKind::kEndTick);
    if (group.empty() || bound) {
      staying.push_back(i);
    } else {
      places.push_back(i);
      groups.push_back(std::move(group));
    }
  }
  static_cast<void>(ReduceGroups(groups, [&](const std::vector<Subset>& subsets) {
    std::vector<DraftCut> cuts;
    for (const Subset& subset : subsets) {
      DraftCut cut{staying, std::nullopt, std::nullopt};
      for (const size_t item : subset) cut.events.push_back(places[item]);
      std::sort(cut.events.begin(), cut.events.end());
      cuts.push_back(std::move(cut));
    }
    return Judge(cuts);
  }));
  return Rebase();
}

absl::StatusOr<bool> RecordingShrinker::DropRows() {
  static_cast<void>(Reduce(base_.draft.rows().size(), [this](const std::vector<Subset>& subsets) {
    std::vector<DraftCut> cuts(subsets.size(), Whole());
    for (size_t i = 0; i < subsets.size(); ++i) cuts[i].rows = subsets[i];
    return Judge(cuts);
  }));
  return Rebase();
}

absl::StatusOr<bool> RecordingShrinker::DropKeys() {
  static_cast<void>(Reduce(base_.keys.size(), [this](const std::vector<Subset>& subsets) {
    std::vector<DraftCut> cuts(subsets.size(), Whole());
    for (size_t i = 0; i < subsets.size(); ++i) cuts[i].keys = subsets[i];
    return Judge(cuts);
  }));
  return Rebase();
}

}  // namespace quorate::sim
