// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/fault_pairs.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "engine/base/random.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kFirstPurpose = 0x666972737431;
constexpr uint64_t kSecondPurpose = 0x7365636f6e64;
constexpr int kRankBits = 8;

uint32_t NodeOf(const Fault& fault) { return fault.nodes.front(); }

uint64_t KeyOf(const Fault& fault) {
  return KeyedHash(fault.from.us, NodeOf(fault), static_cast<uint64_t>(fault.kind),
                   static_cast<uint64_t>(fault.shape), fault.only,
                   static_cast<uint64_t>(fault.amount.count()), fault.until.us);
}

auto PlaceOf(const Fault& fault) {
  return std::make_tuple(fault.from, NodeOf(fault), fault.kind, fault.shape, fault.only);
}

bool IsBefore(const Fault& a, const Fault& b) { return PlaceOf(a) < PlaceOf(b); }

void Shuffle(std::vector<Fault>& faults, uint64_t seed) {
  std::stable_sort(faults.begin(), faults.end(), [seed](const Fault& a, const Fault& b) {
    return KeyedHash(seed, KeyOf(a)) < KeyedHash(seed, KeyOf(b));
  });
}

// The first of each group, the second of each, and so on.
std::vector<Fault> InTurn(std::vector<std::vector<Fault>> groups) {
  std::vector<Fault> faults;
  for (size_t i = 0; !groups.empty(); ++i) {
    std::erase_if(groups, [i](const auto& group) { return group.size() <= i; });
    for (std::vector<Fault>& group : groups) faults.push_back(std::move(group[i]));
  }
  return faults;
}

// By kind, each fault once, in order of time. Crashes in commits are a kind of their own, and so
// are crashes and stops of `node`.
std::vector<std::vector<Fault>> Grouped(std::vector<Fault> faults, uint32_t node) {
  std::map<std::tuple<FaultKind, bool, bool>, std::vector<Fault>> groups;
  for (Fault& fault : faults) {
    const bool crash = fault.kind == FaultKind::kCrash;
    const bool in_commit = crash && fault.shape == FaultShape::kPlain && fault.amount > Duration(0);
    const bool again = EndsProcess(fault.kind) && NodeOf(fault) == node;
    groups[{fault.kind, in_commit, again}].push_back(std::move(fault));
  }
  std::vector<std::vector<Fault>> in_order;
  in_order.reserve(groups.size());
  for (auto& [kind, group] : groups) {
    std::sort(group.begin(), group.end(), IsBefore);
    // Two shards of a node may tick at the same time, and a commit may have two ends.
    const auto end = std::unique(group.begin(), group.end());
    group.erase(end, group.end());
    in_order.push_back(std::move(group));
  }
  return in_order;
}

bool ConcernOneMessage(const Fault& a, const Fault& b) {
  const auto message = [](const Fault& fault) {
    return std::make_tuple(EndsProcess(fault.kind), fault.from, NodeOf(fault), fault.only);
  };
  return !EndsProcess(a.kind) && message(a) == message(b);
}

bool MayFollow(const Fault& first, const Fault& second, const FaultAtlas& atlas) {
  if (PlaceOf(second) <= PlaceOf(first) || ConcernOneMessage(first, second)) return false;
  const bool both_end = EndsProcess(first.kind) && EndsProcess(second.kind);
  if (!both_end || second.from >= first.until) return true;
  if (NodeOf(first) == NodeOf(second)) return false;
  const std::array<uint32_t, 2> down = {std::min(NodeOf(first), NodeOf(second)),
                                        std::max(NodeOf(first), NodeOf(second))};
  return atlas.Survives(down);
}

// When its node is back, or its message there.
SimTime OverAt(const Fault& fault) {
  return fault.kind == FaultKind::kDelay ? fault.from + fault.amount : fault.until;
}

// Those that are close, the closest of them most likely first; and the others. Requires: in order
// of time.
std::array<std::vector<Fault>, 2> Parted(std::vector<Fault> faults, SimTime over, uint64_t drawn) {
  std::vector<std::pair<uint64_t, Fault>> close;
  std::vector<Fault> others;
  size_t behind = 0;  // that began when the first fault was over
  for (size_t i = 0; i < faults.size(); ++i) {
    const size_t rank = faults[i].from >= over ? std::min(i, behind++) : i;
    if (rank >= kCloseFaults) {
      others.push_back(std::move(faults[i]));
      continue;
    }
    static_assert(kCloseFaults <= 1 << kRankBits);
    const uint64_t draw = KeyedHash(drawn, KeyOf(faults[i])) >> kRankBits;
    close.emplace_back((rank + 1) * draw, std::move(faults[i]));
  }
  std::stable_sort(close.begin(), close.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Shuffle(others, drawn);
  std::array<std::vector<Fault>, 2> parts;
  for (auto& [weight, fault] : close) parts[0].push_back(std::move(fault));
  parts[1] = std::move(others);
  return parts;
}

}  // namespace

std::vector<Fault> FirstFaults(const SingleFaults& plain, uint64_t seed) {
  constexpr uint32_t kNoneOfThem = UINT32_MAX;
  std::vector<std::vector<Fault>> groups;
  for (const FaultLengths& lengths : {FaultLengths{}, kShortLengths}) {
    const bool longer = groups.empty();
    for (std::vector<Fault>& group : Grouped(plain.All(lengths), kNoneOfThem)) {
      // What has no length is the same fault once more.
      const bool lasts = EndsProcess(group.front().kind) || group.front().kind == FaultKind::kDelay;
      if (longer || lasts) groups.push_back(std::move(group));
    }
  }
  const uint64_t drawn = KeyedHash(seed, kFirstPurpose);
  for (std::vector<Fault>& group : groups) Shuffle(group, drawn);
  std::vector<Fault> firsts = InTurn(std::move(groups));
  for (Fault& first : firsts) first.id = 1 + Scale(KeyedHash(drawn, KeyOf(first), 1), kIdsOfPairs);
  return firsts;
}

std::vector<Fault> SecondFaults(const Fault& first, const SingleFaults& changed,
                                const FaultAtlas& atlas, uint64_t seed) {
  std::vector<Fault> faults = changed.All();
  std::erase_if(faults, [&](const Fault& fault) { return !MayFollow(first, fault, atlas); });
  std::vector<std::vector<Fault>> groups;
  const uint64_t drawn = KeyedHash(seed, kSecondPurpose, KeyOf(first));
  for (std::vector<Fault>& group : Grouped(std::move(faults), NodeOf(first))) {
    for (auto& part : Parted(std::move(group), OverAt(first), drawn)) {
      groups.push_back(std::move(part));
    }
  }
  std::vector<Fault> seconds = InTurn(std::move(groups));
  for (Fault& second : seconds) second.id = SecondIdOf(first, second, seed);
  return seconds;
}

uint64_t SecondIdOf(const Fault& first, const Fault& second, uint64_t seed) {
  const uint64_t draw = KeyedHash(seed, kSecondPurpose, KeyOf(first), KeyOf(second));
  return kIdsOfPairs + 1 + Scale(draw, kIdsOfPairs);
}

std::string KindsOf(const Fault& first, const Fault& second) {
  const bool again =
      EndsProcess(first.kind) && EndsProcess(second.kind) && NodeOf(first) == NodeOf(second);
  return std::string(NameOf(first.kind)) + "+" + std::string(NameOf(second.kind)) +
         (again ? "-again" : "");
}

}  // namespace quorate::sim
