// SPDX-License-Identifier: Apache-2.0
// The phases of a run: faults, then a core that heals, is probed, swept, walked over and left
// alone.
#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/check.h"
#include "sim/world/limits.h"
#include "sim/world/quorum_left.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

// A message takes so long beside what it is delayed by, and what it asks for to be done.
constexpr Duration kPassageMax = 200ms;

}  // namespace

struct World::TaskPromise {
  std::string_view succeeds;
  std::string_view ends;
};

World::TaskPromise World::PromiseOf(Task task) {
  switch (task) {
    case Task::kNone:
      break;
    case Task::kProbe:
      return {"a core answers in time, and serves whatever a quorum is left for",
              "probes end in bounded time"};
    case Task::kSweep:
      return {"once everything is healed, every key of which a quorum is left can be read",
              "the sweep ends in bounded time"};
    case Task::kWalk:
      return {"once everything is healed, all keys can be walked over",
              "walks over all keys end in bounded time"};
  }
  QUORATE_CHECK(false);
}

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
    client.pool = PoolOf(i);
    const auto& levels = config_.pools[client.pool.value].client_levels;
    if (!levels.empty()) client.levels = levels[i / config_.pools.size() % levels.size()];
    clients_[i]->Start(*source_, client, agenda_.now());
  }
  CheckPhaseIn(config_.duration);
}

// Whether something from before the healing may come behind the sweep, which would not meet what it
// writes: a message, which may be all there is of a write, since its coordinator has died, or lost
// what it had stored, or given up; or an operation whose client was told that its outcome is
// unknown, for its time and that of who executes it, asked at the last moment.
bool World::AwaitsLate() const {
  if (agenda_.now() < late_until_ + kPassageMax) return true;
  Duration timeout{0};
  for (const PoolConfig& pool : config_.pools) timeout = std::max(timeout, pool.request_timeout);
  return agenda_.now() < late_until_ + 2 * (timeout + kPassageMax) &&
         cluster_->operations_in_flight() > 0;
}

void World::CheckPhase() {
  const Duration since = agenda_.now() - phase_began_;
  switch (phase_) {
    case Phase::kFaults:
      BeginPhase(Phase::kHealed);
      executor_->Heal();
      late_until_ = std::max(agenda_.now(), cluster_->last_arrival());
      for (const auto& client : clients_) client->Quiesce();
      break;
    case Phase::kHealed:
      if (task_ == Task::kProbe) {
        CheckTasks(agenda_.now() - task_began_);
      } else if (AllClientsIdle() && cluster_->all_serve()) {
        if (AwaitsLate()) {
          return CheckPhaseIn(std::max(kPhaseCheck, late_until_ - agenda_.now()));
        }
        BeginProbes();
      } else if (since > config_.heal_max) {
        Stalled("once everything is healed, nodes serve and clients finish",
                cluster_->DescribeUnready());
      }
      break;
    case Phase::kSweep:
      CheckTasks(since);
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
      if (CutsPower()) {
        BeginPowerCut();
        break;
      }
      over_ = true;
      return;
    case Phase::kPowerCut:
      if (cluster_->all_serve()) {
        over_ = true;
        return;
      }
      if (since > config_.heal_max) {
        Stalled("after a power cut at rest all nodes serve", cluster_->DescribeUnready());
      }
      break;
  }
  CheckPhaseIn(phase_ == Phase::kRest ? config_.rest : kPhaseCheck);
}

ClientConfig World::SweepConfig(PoolId pool) const {
  ClientConfig config = config_.client;
  config.nodes = config_.nodes;
  config.pool = pool;
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

std::vector<uint32_t> World::ClientsOf(PoolId pool, size_t most) const {
  std::vector<uint32_t> clients;
  for (uint32_t i = pool.value; i < clients_.size() && clients.size() < most;
       i += static_cast<uint32_t>(config_.pools.size())) {
    clients.push_back(i);
  }
  return clients;
}

// Where a key has no quorum left for what this client asks, or may have none, an error that says so
// is an answer.
bool World::MayLackQuorum(uint32_t client, std::string_view key) const {
  const SimClient& asker = *clients_[client];
  const PoolId pool = asker.config().pool;
  const topology::Consistency level =
      asker.config().levels.read.value_or(config_.pools[pool.value].read);
  return QuorumLeftFor(*this, pool, key, level, connections_->NodeOf(asker)) != QuorumLeft::kYes;
}

// Half of them keys that have lost a quorum, as far as there are such.
std::vector<Bytes> World::ProbedKeys(PoolId pool) const {
  uint32_t asked = 0;
  while (cluster_->node(NodeIndex{asked}).frozen) ++asked;
  std::vector<Bytes> lost;
  std::vector<Bytes> others;
  for (uint32_t i = 0; i < kProbedKeysMax; ++i) {
    Bytes key = Format("probe:%u", i);
    const QuorumLeft left =
        QuorumLeftFor(*this, pool, key, topology::Consistency::kQuorum, NodeIndex{asked});
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
  task_ = Task::kProbe;
  task_began_ = agenda_.now();
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    const PoolId pool = PoolIdOf(i);
    const std::vector<uint32_t> probers = ClientsOf(pool, topology::kConsistencyLevels - 1);
    tasks_.push_back(std::make_unique<ProbeSource>(
        ProbedKeys(pool), probers,
        [this](uint32_t client, std::string_view key) { return MayLackQuorum(client, key); }));
    ClientConfig config = SweepConfig(pool);
    config.timeout = config_.pools[i].request_timeout + kProbePatience;
    static_assert(static_cast<int>(topology::Consistency::kAny) == 0);
    int level = 0;
    for (const uint32_t prober : probers) {
      const auto asked = static_cast<topology::Consistency>(++level);
      config.levels = {asked, asked};
      clients_[prober]->Leave();  // for a connection that no fault has met
      clients_[prober]->Start(*tasks_.back(), config, agenda_.now());
    }
  }
}

void World::BeginSweep() {
  BeginPhase(Phase::kSweep);
  task_ = Task::kSweep;
  tasks_.clear();
  for (const WrittenKeys& written : written_) {
    tasks_.push_back(std::make_unique<SweepSource>(
        written.List(),
        [this](uint32_t client, std::string_view key) { return MayLackQuorum(client, key); }));
  }
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (i < config_.sweep_clients) {
      clients_[i]->Start(*tasks_[PoolOf(i).value], SweepConfig(PoolOf(i)), agenda_.now());
    } else {
      clients_[i]->Leave();
    }
  }
}

// Every node is asked for its keys, so none may have stayed away.
void World::BeginWalk() {
  const uint32_t walkers = std::min(config_.walkers, config_.clients);
  if (walkers == 0 || !IsWhole()) return BeginRest();
  task_ = Task::kWalk;
  tasks_.clear();
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    tasks_.push_back(std::make_unique<WalkSource>(config_.seed, ClientsOf(PoolIdOf(i), walkers)));
  }
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (i / config_.pools.size() < walkers) {
      ClientConfig config = SweepConfig(PoolOf(i));
      config.pipeline_max = 1;
      config.levels = {};
      config.timeout = kWalkTimeout;
      clients_[i]->Start(*tasks_[config.pool.value], config, agenda_.now());
    } else {
      clients_[i]->Leave();
    }
  }
}

// Whether one was given up, which is a stall.
bool World::TaskGivenUp() {
  for (size_t i = 0; i < tasks_.size(); ++i) {
    const std::optional<Bytes>& why = tasks_[i]->given_up();
    if (!why.has_value()) continue;
    Stalled(PromiseOf(task_).succeeds, InPool(this, PoolIdOf(i), *why));
    return true;
  }
  return false;
}

// Pools have theirs done side by side; what comes next begins when all have.
void World::CheckTasks(Duration since) {
  if (TaskGivenUp()) return;
  bool all_done = true;
  std::string left;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    const TaskSource& task = *tasks_[i];
    if (!task.done()) {
      all_done = false;
      left = InPool(this, PoolIdOf(i), task.left());
      continue;
    }
    for (const uint32_t client : ClientsOf(PoolIdOf(i), clients_.size())) {
      clients_[client]->Quiesce();
    }
  }
  if (!all_done || !AllClientsIdle()) {
    if (!all_done && since > config_.sweep_max) Stalled(PromiseOf(task_).ends, left);
    return;
  }
  switch (task_) {
    case Task::kProbe:
      return BeginSweep();
    case Task::kSweep:
      return BeginWalk();
    default:
      return BeginRest();
  }
}

void World::BeginRest() {
  BeginPhase(Phase::kRest);
  for (const auto& client : clients_) client->Leave();
}

bool World::CutsPower() const {
  const auto stores = [](const PoolConfig& pool) {
    return pool.durability != env::Durability::kNone;
  };
  return config_.power_cut && IsWhole() &&
         std::all_of(config_.pools.begin(), config_.pools.end(), stores);
}

// Who watches notes what is held as the phase begins.
void World::BeginPowerCut() {
  BeginPhase(Phase::kPowerCut);
  executor_->CutPower();
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
