// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/shrink.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "sim/trace/reduce.h"
#include "sim/world/pool_config.h"

namespace quorate::sim {
namespace {

// How often a candidate is tried with its operations moved a little, where it does not fail at
// once: a failure that needs two things at one time may need another chance for it.
constexpr uint32_t kShakes = 12;
constexpr uint32_t kShakesOfRecording = 24;
constexpr uint32_t kShakesOfBeginning = 48;  // what is left runs in no time

constexpr char kClients[] = "clients";
constexpr char kReplicas[] = "replicas";
constexpr char kDataCentres[] = "data-centres";

const std::string* Find(const RecipeSettings& settings, std::string_view name) {
  for (const auto& [known, value] : settings) {
    if (known == name) return &value;
  }
  return nullptr;
}

uint32_t NumberOf(const RunRecipe& recipe, std::string_view name, uint32_t otherwise) {
  const std::string* text = Find(recipe.settings, name);
  uint32_t value = otherwise;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

void Set(RunRecipe& recipe, std::string_view name, std::string value) {
  for (auto& [known, old] : recipe.settings) {
    if (known != name) continue;
    old = std::move(value);
    return;
  }
}

// What the other passes make small is no knob.
bool IsSize(std::string_view name) {
  for (size_t pool = 0; pool < kWorldPoolsMax; ++pool) {
    if (name == SettingOfPool(pool, kReplicas)) return true;
  }
  return name == kClients || name == kDataCentres || name == kPoolsSetting;
}

uint32_t PoolsOf(const RunRecipe& recipe) {
  return std::clamp<uint32_t>(NumberOf(recipe, kPoolsSetting, 1), 1, kWorldPoolsMax);
}

// Rising numbers below `most`: each of the small ones, then by halves.
std::vector<uint32_t> Below(uint32_t most) {
  constexpr uint32_t kSmall = 8;
  std::vector<uint32_t> numbers;
  for (uint32_t number = 1; number < most; number += number < kSmall ? 1 : (number + 1) / 2) {
    numbers.push_back(number);
  }
  return numbers;
}

// The same operations a little later each: which of two that overlap comes first is then another.
// What was asked together stays together. 0: as they are.
RunRecipe Shaken(RunRecipe recipe, uint32_t shake) {
  constexpr uint64_t kWindows[] = {200, 1'000, 5'000, 20'000, 100'000};
  if (shake == 0) return recipe;
  for (RecordedOperation& operation : recipe.operations) {
    const uint64_t draw = KeyedHash(shake, operation.client, operation.time.us);
    operation.time.us += Scale(draw, kWindows[shake % std::size(kWindows)]);
  }
  return recipe;
}

template <typename Item>
std::vector<Item> Only(const std::vector<Item>& items, const Subset& kept) {
  std::vector<Item> some;
  some.reserve(kept.size());
  for (const size_t index : kept) some.push_back(items[index]);
  return some;
}

}  // namespace

std::string Describe(const RunSize& size) {
  const std::string pools = size.pools < 2 ? std::string() : Format("%u pools, ", size.pools);
  const std::string operations = size.operations == 0 ? std::string("drawn operations")
                                                      : Format("%u operations", size.operations);
  const std::string epochs = size.epochs == 0 ? std::string() : Format("%u epochs, ", size.epochs);
  return Format("%u faults, %s%u nodes, %s%u clients, %s, %u drawn settings, %u.%03u s",
                size.faults, epochs, size.nodes, pools, size.clients, operations, size.drawn_knobs,
                size.duration.us / 1'000'000, size.duration.us / 1000 % 1000);
}

Shrinker::Shrinker(RunRecipe failing, Sighting sighting, RecipeSettings plain, ShrinkJudge& judge,
                   std::function<void(const RunSize&)> tell)
    : recipe_(std::move(failing)),
      sighting_(std::move(sighting)),
      plain_(std::move(plain)),
      judge_(judge),
      tell_(std::move(tell)) {
  absl::StatusOr<Schedule> schedule = DecodeSchedule(recipe_.schedule);
  QUORATE_CHECK(schedule.ok());
  schedule_ = *std::move(schedule);
}

RunRecipe Shrinker::Run() {
  using Pass = bool (Shrinker::*)();
  // What is large costs most runs, so the whole of the run is made small before its parts.
  constexpr Pass kWhole[] = {&Shrinker::DropPools,   &Shrinker::ShortenTime,
                             &Shrinker::DropEpochs,  &Shrinker::DropFaults,
                             &Shrinker::ShortenTime, &Shrinker::DropNodes,
                             &Shrinker::DropClients, &Shrinker::RecordOperations};
  constexpr Pass kStubborn[] = {&Shrinker::DropBeginning, &Shrinker::DropFaults,
                                &Shrinker::DropNodes};
  constexpr Pass kParts[] = {&Shrinker::DropOperations, &Shrinker::DropEpochs,
                             &Shrinker::DropFaults,     &Shrinker::DropTargets,
                             &Shrinker::DropNodes,      &Shrinker::DropClients,
                             &Shrinker::MakePlain};
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const Pass pass : kWhole) smaller = (this->*pass)() || smaller;
    shakes_ = kShakes;
    for (const Pass pass : kStubborn) smaller = (this->*pass)() || smaller;
    shakes_ = 0;
    for (const Pass pass : kParts) smaller = (this->*pass)() || smaller;
  }
  return recipe_;
}

std::optional<size_t> Shrinker::Take(std::vector<Candidate> candidates) {
  std::vector<RunRecipe> recipes;
  recipes.reserve(candidates.size() * (1 + shakes_));
  for (Candidate& candidate : candidates) {
    candidate.recipe.schedule = EncodeSchedule(candidate.schedule);
    for (uint32_t shake = 0; shake <= shakes_; ++shake) {
      recipes.push_back(Shaken(candidate.recipe, shake));
    }
  }
  std::optional<Sighted> sighted = judge_.FirstThatFails(recipes);
  if (!sighted) return std::nullopt;
  const size_t taken = sighted->candidate / (1 + shakes_);
  recipe_ = std::move(recipes[sighted->candidate]);
  schedule_ = std::move(candidates[taken].schedule);
  sighting_ = std::move(sighted->sighting);
  tell_(size());
  return taken;
}

RunSize Shrinker::size() const {
  RunSize size;
  size.faults = schedule_.faults.size();
  size.epochs = recipe_.epochs.size();
  size.nodes = recipe_.nodes;
  size.pools = PoolsOf(recipe_);
  size.clients = NumberOf(recipe_, kClients, 0);
  size.operations = recipe_.operations.size();
  if (!recipe_.operations.empty()) {
    std::set<uint32_t> clients;
    for (const RecordedOperation& operation : recipe_.operations) clients.insert(operation.client);
    size.clients = static_cast<uint32_t>(clients.size());
  }
  size.drawn_knobs = DrawnSettings().size();
  size.duration = recipe_.duration;
  return size;
}

RecipeSettings Shrinker::DrawnSettings() const {
  RecipeSettings drawn;
  for (const auto& setting : recipe_.settings) {
    const std::string* plain = Find(plain_, setting.first);
    if (!IsSize(setting.first) && plain != nullptr && *plain != setting.second) {
      drawn.push_back(setting);
    }
  }
  return drawn;
}

// --- time

Shrinker::Candidate Shrinker::Lasting(SimTime duration) const {
  Candidate shorter = Current();
  shorter.recipe.duration = duration;
  // What is in force at the end is healed; what begins later would never be.
  std::erase_if(shorter.schedule.faults,
                [duration](const Fault& fault) { return fault.from >= duration; });
  std::erase_if(shorter.recipe.operations, [duration](const RecordedOperation& operation) {
    return operation.time >= duration;
  });
  return shorter;
}

bool Shrinker::ShortenTime() {
  const uint64_t before = recipe_.duration.us;
  std::set<uint64_t> durations;
  for (const uint64_t more : {1u, 100'000u, 500'000u, 1'000'000u, 2'000'000u, 5'000'000u}) {
    durations.insert(sighting_.time.us + more);
  }
  for (uint64_t eighths = 1; eighths < 8; ++eighths) durations.insert(before * eighths / 8);
  std::vector<Candidate> candidates;
  for (const uint64_t duration : durations) {
    // A little is not worth a run.
    if (duration > 0 && duration < before - before / 20) {
      candidates.push_back(Lasting(SimTime{duration}));
      if (!recipe_.operations.empty() && candidates.back().recipe.operations.empty()) {
        candidates.pop_back();
      }
    }
  }
  return Take(std::move(candidates)).has_value();
}

// --- faults

bool Shrinker::DropFaults() {
  const std::vector<Fault> faults = schedule_.faults;
  const Subset kept = Reduce(faults.size(), [&](const std::vector<Subset>& subsets) {
    if (!judge_.has_time()) return std::optional<size_t>();
    std::vector<Candidate> candidates;
    for (const Subset& subset : subsets) {
      candidates.push_back(Current());
      candidates.back().schedule.faults = Only(faults, subset);
    }
    return Take(std::move(candidates));
  });
  return kept.size() < faults.size();
}

// What is left was drawn at the beginning.
bool Shrinker::DropEpochs() {
  const std::vector<DrawEpoch> epochs = recipe_.epochs;
  const Subset kept = Reduce(epochs.size(), [&](const std::vector<Subset>& subsets) {
    if (!judge_.has_time()) return std::optional<size_t>();
    std::vector<Candidate> candidates;
    for (const Subset& subset : subsets) {
      candidates.push_back(Current());
      candidates.back().recipe.epochs = Only(epochs, subset);
    }
    return Take(std::move(candidates));
  });
  return kept.size() < epochs.size();
}

// A fault of fewer nodes is easier to understand, and leaves more nodes to go.
bool Shrinker::DropTargets() {
  bool fewer = false;
  for (size_t fault = 0; fault < schedule_.faults.size(); ++fault) {
    const std::vector<uint32_t> nodes = schedule_.faults[fault].nodes;
    const Subset kept = Reduce(nodes.size(), [&](const std::vector<Subset>& subsets) {
      if (!judge_.has_time()) return std::optional<size_t>();
      std::vector<Candidate> candidates;
      for (const Subset& subset : subsets) {
        if (subset.empty()) return std::optional<size_t>();  // that would be no fault
        candidates.push_back(Current());
        candidates.back().schedule.faults[fault].nodes = Only(nodes, subset);
      }
      return Take(std::move(candidates));
    });
    fewer = fewer || kept.size() < nodes.size();
  }
  return fewer;
}

// --- nodes

std::vector<Shrinker::Candidate> Shrinker::WithNodes(uint32_t nodes) const {
  uint32_t replicas = 1;
  for (size_t pool = 0; pool < PoolsOf(recipe_); ++pool) {
    replicas = std::max(replicas, NumberOf(recipe_, SettingOfPool(pool, kReplicas), 1));
  }
  const uint32_t data_centres = NumberOf(recipe_, kDataCentres, 1);
  std::vector<Candidate> candidates;
  for (uint32_t centres = data_centres; centres > 0; --centres) {
    for (uint32_t copies = replicas; copies > 0; copies -= std::min(copies, 2u)) {
      if (centres * copies > nodes) continue;
      Candidate smaller = Current();
      smaller.recipe.nodes = nodes;
      smaller.schedule.nodes = nodes;
      for (size_t pool = 0; pool < PoolsOf(recipe_); ++pool) {
        const std::string name = SettingOfPool(pool, kReplicas);
        Set(smaller.recipe, name,
            std::to_string(std::min(copies, NumberOf(recipe_, name, copies))));
      }
      Set(smaller.recipe, kDataCentres, std::to_string(centres));
      for (RecordedOperation& operation : smaller.recipe.operations) operation.node.value %= nodes;
      for (Fault& fault : smaller.schedule.faults) {
        std::erase_if(fault.nodes, [nodes](uint32_t node) { return node >= nodes; });
      }
      std::erase_if(smaller.schedule.faults,
                    [](const Fault& fault) { return fault.nodes.empty(); });
      candidates.push_back(smaller);
      // Others may take the place of the nodes that are gone.
      smaller.schedule.faults = schedule_.faults;
      for (Fault& fault : smaller.schedule.faults) {
        std::set<uint32_t> targets;
        for (const uint32_t node : fault.nodes) targets.insert(node % nodes);
        fault.nodes.assign(targets.begin(), targets.end());
      }
      if (smaller.schedule.faults != candidates.back().schedule.faults) {
        candidates.push_back(std::move(smaller));
      }
    }
  }
  return candidates;
}

bool Shrinker::DropNodes() {
  std::vector<Candidate> candidates;
  for (const uint32_t nodes : Below(recipe_.nodes)) {
    std::vector<Candidate> smaller = WithNodes(nodes);
    candidates.insert(candidates.end(), smaller.begin(), smaller.end());
  }
  return Take(std::move(candidates)).has_value();
}

// --- pools

Shrinker::Candidate Shrinker::WithoutPool(size_t pool) const {
  Candidate fewer = Current();
  const size_t last = PoolsOf(recipe_) - 1;
  RecipeSettings& settings = fewer.recipe.settings;
  const std::string of_last = SettingOfPool(last, {});
  for (const auto& [name, value] : recipe_.settings) {
    if (!name.starts_with(of_last)) continue;
    const std::string_view setting = std::string_view(name).substr(of_last.size());
    for (size_t to = pool; to < last; ++to) {
      const std::string* const from = Find(recipe_.settings, SettingOfPool(to + 1, setting));
      if (from != nullptr) Set(fewer.recipe, SettingOfPool(to, setting), *from);
    }
  }
  std::erase_if(settings, [&](const auto& entry) {
    return entry.first.starts_with(of_last) || (last == 1 && entry.first == kPoolsSetting);
  });
  Set(fewer.recipe, kPoolsSetting, std::to_string(last));
  std::erase_if(fewer.recipe.operations, [pool](const RecordedOperation& operation) {
    return operation.pool.value == pool;
  });
  for (RecordedOperation& operation : fewer.recipe.operations) {
    if (operation.pool.value > pool) --operation.pool.value;
  }
  return fewer;
}

bool Shrinker::DropPools() {
  bool fewer = false;
  for (bool dropped = true; dropped && PoolsOf(recipe_) > 1;) {
    std::vector<Candidate> candidates;
    for (size_t pool = PoolsOf(recipe_); pool-- > 0;) {
      candidates.push_back(WithoutPool(pool));
      // No operations: they would be drawn.
      if (!recipe_.operations.empty() && candidates.back().recipe.operations.empty()) {
        candidates.pop_back();
      }
    }
    dropped = Take(std::move(candidates)).has_value();
    fewer = fewer || dropped;
  }
  return fewer;
}

// --- clients and operations

bool Shrinker::DropClients() {
  std::vector<Candidate> candidates;
  if (!recipe_.operations.empty()) {
    // Recorded: those above the last that asks for something.
    uint32_t last = 0;
    for (const RecordedOperation& operation : recipe_.operations) {
      last = std::max(last, operation.client);
    }
    if (last + 1 >= NumberOf(recipe_, kClients, 1)) return false;
    candidates.push_back(Current());
    Set(candidates.back().recipe, kClients, std::to_string(last + 1));
    return Take(std::move(candidates)).has_value();
  }
  for (const uint32_t clients : Below(NumberOf(recipe_, kClients, 1))) {
    candidates.push_back(Current());
    Set(candidates.back().recipe, kClients, std::to_string(clients));
  }
  return Take(std::move(candidates)).has_value();
}

// From here on the operations are data. Where the failure does not outlive that, they stay drawn.
bool Shrinker::RecordOperations() {
  if (!recipe_.operations.empty() || sighting_.operations.empty()) return false;
  Candidate recorded = Current();
  recorded.recipe.operations = sighting_.operations;
  shakes_ = kShakesOfRecording;
  const bool taken = Take({std::move(recorded)}).has_value();
  shakes_ = 0;
  return taken;
}

// What went wrong at one moment needs little of what was long before it.
bool Shrinker::DropBeginning() {
  const uint64_t end = sighting_.time.us;
  std::vector<Candidate> candidates;
  for (const uint64_t left : {250'000U, 500'000U, 1'000'000U, 2'000'000U, 4'000'000U, 8'000'000U}) {
    if (left >= end) break;
    const SimTime begin{end - left};
    Candidate later = Current();
    std::erase_if(later.recipe.operations,
                  [begin](const RecordedOperation& operation) { return operation.time < begin; });
    std::erase_if(later.schedule.faults,
                  [begin](const Fault& fault) { return fault.until < begin; });
    if (later.recipe.operations.empty() ||
        later.recipe.operations.size() == recipe_.operations.size()) {
      continue;
    }
    candidates.push_back(std::move(later));
  }
  const uint32_t before = std::exchange(shakes_, kShakesOfBeginning);
  const bool taken = Take(std::move(candidates)).has_value();
  shakes_ = before;
  return taken;
}

bool Shrinker::DropGroups(const std::function<std::string(const RecordedOperation&)>& group_of) {
  const std::vector<RecordedOperation> operations = recipe_.operations;
  std::vector<std::string> groups;
  groups.reserve(operations.size());
  for (const RecordedOperation& operation : operations) groups.push_back(group_of(operation));
  const Subset kept = ReduceGroups(groups, [&](const std::vector<Subset>& subsets) {
    if (!judge_.has_time()) return std::optional<size_t>();
    std::vector<Candidate> candidates;
    for (const Subset& subset : subsets) {
      if (subset.empty()) return std::optional<size_t>();  // no operations: they would be drawn
      candidates.push_back(Current());
      candidates.back().recipe.operations = Only(operations, subset);
    }
    return Take(std::move(candidates));
  });
  return kept.size() < operations.size();
}

bool Shrinker::DropOperations() {
  if (recipe_.operations.empty()) return false;
  const size_t before = recipe_.operations.size();
  DropGroups([](const RecordedOperation& operation) {
    return operation.command.size() < 2 ? std::string() : operation.command[1];
  });
  DropGroups([](const RecordedOperation& operation) { return Format("%u", operation.client); });
  const std::vector<RecordedOperation> operations = recipe_.operations;
  static_cast<void>(Reduce(operations.size(), [&](const std::vector<Subset>& subsets) {
    if (!judge_.has_time()) return std::optional<size_t>();
    std::vector<Candidate> candidates;
    for (const Subset& subset : subsets) {
      if (subset.empty()) return std::optional<size_t>();
      candidates.push_back(Current());
      candidates.back().recipe.operations = Only(operations, subset);
    }
    return Take(std::move(candidates));
  }));
  return recipe_.operations.size() < before;
}

// --- settings

bool Shrinker::MakePlain() {
  const RecipeSettings drawn = DrawnSettings();
  const Subset kept = Reduce(drawn.size(), [&](const std::vector<Subset>& subsets) {
    if (!judge_.has_time()) return std::optional<size_t>();
    std::vector<Candidate> candidates;
    for (const Subset& subset : subsets) {
      Candidate plainer = Current();
      for (size_t i = 0; i < drawn.size(); ++i) {
        const bool stays = std::binary_search(subset.begin(), subset.end(), i);
        const std::string& name = drawn[i].first;
        Set(plainer.recipe, name, stays ? drawn[i].second : *Find(plain_, name));
      }
      candidates.push_back(std::move(plainer));
    }
    return Take(std::move(candidates));
  });
  return kept.size() < drawn.size();
}

}  // namespace quorate::sim
