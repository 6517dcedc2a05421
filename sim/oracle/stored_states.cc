// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/stored_states.h"

#include "engine/base/status.h"
#include "engine/hash/digest.h"
#include "engine/keyspace/cell.h"
#include "sim/oracle/history.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kDigestSeed = 0x73746f72;

uint64_t DigestOf(std::string_view state) { return hash::Digest(state, kDigestSeed) | 1; }

// A deadline, or nothing but a tombstone, as which one that has passed is shown.
bool MayChange(std::string_view state) {
  keyspace::CellReader reader(state);
  bool tombstone_alone = true;
  for (keyspace::Cell cell; reader.Next(cell);) {
    if (cell.kind == keyspace::CellKind::kDeadline) return true;
    if (cell.kind != keyspace::CellKind::kTombstone) tombstone_alone = false;
  }
  return tombstone_alone;
}

}  // namespace

StoredStates::Copy& StoredStates::Find(uint32_t node, std::string_view key) {
  return copies_[{names_.Add(key), node}];
}

void StoredStates::Held(uint32_t node, std::string_view key, std::string_view state) {
  Copy& copy = Find(node, key);
  copy.before = DigestOf(state);
  copy.may_change = MayChange(state);
}

void StoredStates::Holds(uint32_t node, std::string_view key, std::string_view state) {
  Find(node, key).after = DigestOf(state);
}

std::optional<Failure> StoredStates::Check(
    const std::function<std::string(uint32_t node, std::string_view key)>& describe,
    EventId now) const {
  for (const uint32_t number : names_.InOrder()) {
    const auto end = copies_.upper_bound({number, UINT32_MAX});
    for (auto at = copies_.lower_bound({number, 0}); at != end; ++at) {
      const auto& [may_change, before, after] = at->second;
      if (may_change || before == after) continue;
      const Bytes& key = names_.key(number);
      const uint32_t node = at->first.second;
      return Failure{before == 0 ? FailureKind::kResurrection : FailureKind::kLostWrite,
                     "stored_states",
                     Format("after a power cut at rest node %u holds under key %s what it held",
                            node, Shown(key)),
                     before == 0 ? "it held nothing, and now " + describe(node, key)
                                 : "it holds " + describe(node, key),
                     now};
    }
  }
  return std::nullopt;
}

}  // namespace quorate::sim
