// SPDX-License-Identifier: Apache-2.0
// The phases of a run: faults, then a core that heals, is probed, swept, walked over and left
// alone.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "sim/world/limits.h"
#include "sim/world/quorum_left.h"
#include "sim/world/world.h"

namespace quorate::sim {

void World::BeginPhase(Phase phase) {
  phase_ = phase;
  phase_began_ = agenda_.now();
  agenda_.Happened(EventKind::kPhaseBegan, kNoNode, 0, static_cast<uint32_t>(phase), 0);
  agenda_.TellAll([&](WorldObserver& observer) { observer.PhaseBegan(phase, agenda_.now()); });
}

void World::CheckPhaseIn(Duration delay) {
  agenda_.At(agenda_.now() + delay, {.action = Action::kPhase});
}

void World::BeginFaults() {
  BeginPhase(Phase::kFaults);
  for (uint32_t i = 0; i < cluster_->size(); ++i) cluster_->Start(NodeIndex{i});
  executor_->Plan();
  for (uint32_t i = 0; i < config_.clients; ++i) {
    ClientConfig client = config_.client;
    client.nodes = config_.nodes;
    if (!config_.client_levels.empty()) {
      client.levels = config_.client_levels[i % config_.client_levels.size()];
    }
    clients_[i]->Start(*source_, client, agenda_.now());
  }
  CheckPhaseIn(config_.duration);
}

// Whether a request that comes late may be executed behind the sweep, which would not meet what it
// writes.
bool World::AwaitsLate(Duration since) const {
  const bool late = std::any_of(schedule_.faults.begin(), schedule_.faults.end(),
                                [](const Fault& fault) { return fault.kind == FaultKind::kLate; });
  return late && cluster_->messages_in_flight() > 0 && since < config_.request_timeout + kLateRoom;
}

void World::CheckPhase() {
  const Duration since = agenda_.now() - phase_began_;
  switch (phase_) {
    case Phase::kFaults:
      BeginPhase(Phase::kHealed);
      executor_->Heal();
      for (const auto& client : clients_) client->Quiesce();
      break;
    case Phase::kHealed:
      if (probe_) {
        CheckProbes();
      } else if (AllClientsIdle() && cluster_->all_serve() && !AwaitsLate(since)) {
        BeginProbes();
      } else if (since > config_.heal_max) {
        Stalled("once everything is healed, nodes serve and clients finish",
                cluster_->DescribeUnready());
      }
      break;
    case Phase::kSweep:
      if (walk_) {
        CheckWalk(since);
      } else if (const auto& why = sweep_->given_up()) {
        Stalled("once everything is healed, every key of which a quorum is left can be read", *why);
      } else if (sweep_->done() && AllClientsIdle()) {
        BeginWalk();
      } else if (sweep_->done()) {
        for (const auto& client : clients_) client->Quiesce();
      } else if (since > config_.sweep_max) {
        Stalled("the sweep ends in bounded time", Format("%u keys are left", sweep_->left()));
      }
      break;
    case Phase::kRest:
      // A key expires when it does, maybe now; a leak is what does not end.
      if (cluster_->messages_in_flight() + cluster_->commits_in_flight() +
                  cluster_->operations_in_flight() >
              0 &&
          (since < config_.rest + kRestMore || agenda_.now() <= cluster_->last_arrival())) {
        CheckPhaseIn(std::max(kPhaseCheck, cluster_->last_arrival() - agenda_.now()));
        return;
      }
      over_ = true;
      return;
  }
  CheckPhaseIn(phase_ == Phase::kRest ? config_.rest : kPhaseCheck);
}

ClientConfig World::SweepConfig() const {
  ClientConfig config = config_.client;
  config.nodes = config_.nodes;
  // What stalls takes the room of other requests for as long as it may, so there must not be many.
  const bool stalls = config_.probes > 0 && !IsWhole();
  config.think_mean = stalls ? kProbePause : Duration(1ms);
  config.pipeline_max = stalls ? 1 : 16;
  const bool whole = IsWhole();
  const auto level = whole ? topology::Consistency::kAll : topology::Consistency::kQuorum;
  config.levels = {level, level};
  for (uint32_t i = 0; i < config_.nodes && !whole; ++i) {
    config.avoid.push_back(cluster_->node(NodeIndex{i}).frozen);
  }
  return config;
}

// Where a key has no quorum left for what this client asks, or may have none, an error that says so
// is an answer.
bool World::MayLackQuorum(uint32_t client, std::string_view key) const {
  const SimClient& asker = *clients_[client];
  const topology::Consistency level = asker.config().levels.read.value_or(config_.read);
  return QuorumLeftFor(*this, key, level, connections_->NodeOf(asker)) != QuorumLeft::kYes;
}

// Half of them keys that have lost a quorum, as far as there are such.
std::vector<Bytes> World::ProbedKeys() const {
  uint32_t asked = 0;
  while (cluster_->node(NodeIndex{asked}).frozen) ++asked;
  std::vector<Bytes> lost;
  std::vector<Bytes> others;
  for (uint32_t i = 0; i < kProbedKeysMax; ++i) {
    Bytes key = Format("probe:%u", i);
    const QuorumLeft left =
        QuorumLeftFor(*this, key, topology::Consistency::kQuorum, NodeIndex{asked});
    (left == QuorumLeft::kNo ? lost : others).push_back(std::move(key));
  }
  const size_t wanted = config_.probes;
  const size_t rest = wanted - std::min(wanted, others.size());
  lost.resize(std::min(lost.size(), std::max((wanted + 1) / 2, rest)));
  others.resize(std::min(others.size(), wanted - lost.size()));
  lost.insert(lost.end(), others.begin(), others.end());
  return lost;
}

// A client for each level but ANY, of which hints will be enough.
void World::BeginProbes() {
  if (config_.probes == 0 || IsWhole()) return BeginSweep();
  const size_t probers = std::min<size_t>(clients_.size(), topology::kConsistencyLevels - 1);
  probe_ = std::make_unique<ProbeSource>(
      ProbedKeys(), static_cast<uint32_t>(probers),
      [this](uint32_t client, std::string_view key) { return MayLackQuorum(client, key); });
  probes_began_ = agenda_.now();
  ClientConfig config = SweepConfig();
  config.timeout = config_.request_timeout + kProbePatience;
  for (size_t i = 0; i < probers; ++i) {
    const auto level = static_cast<topology::Consistency>(i + 1);
    static_assert(static_cast<int>(topology::Consistency::kAny) == 0);
    config.levels = {level, level};
    clients_[i]->Leave();  // for a connection that no fault has met
    clients_[i]->Start(*probe_, config, agenda_.now());
  }
}

void World::CheckProbes() {
  if (const auto& why = probe_->given_up()) {
    Stalled("a core answers in time, and serves whatever a quorum is left for", *why);
  } else if (probe_->done() && AllClientsIdle()) {
    probe_.reset();
    BeginSweep();
  } else if (probe_->done()) {
    for (const auto& client : clients_) client->Quiesce();
  } else if (agenda_.now() - probes_began_ > config_.sweep_max) {
    Stalled("probes end in bounded time", "some are under way");
  }
}

void World::BeginSweep() {
  BeginPhase(Phase::kSweep);
  sweep_ = std::make_unique<SweepSource>(
      written_.List(),
      [this](uint32_t client, std::string_view key) { return MayLackQuorum(client, key); });
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (i < config_.sweep_clients) {
      clients_[i]->Start(*sweep_, SweepConfig(), agenda_.now());
    } else {
      clients_[i]->Leave();
    }
  }
}

// Every node is asked for its keys, so none may have stayed away.
void World::BeginWalk() {
  const uint32_t walkers = std::min(config_.walkers, config_.clients);
  if (walkers == 0 || !IsWhole()) return BeginRest();
  walk_ = std::make_unique<WalkSource>(config_.seed, walkers);
  ClientConfig config = SweepConfig();
  config.pipeline_max = 1;
  config.levels = {};
  config.timeout = kWalkTimeout;
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (i < walkers) {
      clients_[i]->Start(*walk_, config, agenda_.now());
    } else {
      clients_[i]->Leave();
    }
  }
}

void World::CheckWalk(Duration since) {
  if (const auto& why = walk_->given_up()) {
    Stalled("once everything is healed, all keys can be walked over", *why);
  } else if (walk_->done() && AllClientsIdle()) {
    BeginRest();
  } else if (walk_->done()) {
    for (const auto& client : clients_) client->Quiesce();
  } else if (since > config_.sweep_max) {
    Stalled("walks over all keys end in bounded time", "a walk is under way");
  }
}

void World::BeginRest() {
  BeginPhase(Phase::kRest);
  for (const auto& client : clients_) client->Leave();
}

bool World::AllClientsIdle() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const std::unique_ptr<SimClient>& client) { return client->idle(); });
}

void World::Stalled(std::string_view promised, std::string seen) {
  Fail(
      {FailureKind::kStall, "progress", std::string(promised), std::move(seen), agenda_.current()});
}

}  // namespace quorate::sim
