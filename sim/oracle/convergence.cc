// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/convergence.h"

#include <algorithm>

#include "engine/base/status.h"
#include "engine/hash/digest.h"
#include "sim/oracle/history.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "convergence";
constexpr uint64_t kDigestSeed = 0x636f6e76;

Failure Fail(std::string promised, std::string seen, EventId now) {
  return {FailureKind::kDivergence, std::string(kOracle), std::move(promised), std::move(seen),
          now};
}

}  // namespace

void Convergence::Holds(uint32_t node, std::string_view key, std::string_view state) {
  auto entry = keys_.find(key);
  if (entry == keys_.end()) entry = keys_.emplace(Bytes(key), std::vector<Copy>()).first;
  entry->second.push_back(
      {node, hash::Digest(state, kDigestSeed), static_cast<uint32_t>(state.size())});
}

std::optional<Failure> Convergence::Check(
    const std::function<std::vector<uint32_t>(std::string_view)>& replicas_of,
    const std::function<bool(std::string_view)>& swept, EventId now) const {
  for (const auto& [key, copies] : keys_) {
    const std::vector<uint32_t> replicas = replicas_of(key);
    std::string shown;
    bool equal = true;
    for (const uint32_t node : replicas) {
      const auto copy = std::find_if(copies.begin(), copies.end(),
                                     [&](const Copy& held) { return held.node == node; });
      const bool held = copy != copies.end();
      equal &= held && copy->digest == copies.front().digest;
      shown += shown.empty() ? "" : ", ";
      shown += held ? Format("node %u %016x (%u bytes)", node, copy->digest, copy->bytes)
                    : Format("node %u nothing", node);
    }
    for (const Copy& copy : copies) {
      if (std::find(replicas.begin(), replicas.end(), copy.node) != replicas.end()) continue;
      return Fail(Format("only replicas hold key %s", Shown(key)),
                  Format("node %u holds it", copy.node), now);
    }
    if (equal || !swept(key)) continue;
    return Fail(
        Format("after healing and the sweep all replicas of key %s are byte-equal", Shown(key)),
        shown, now);
  }
  return std::nullopt;
}

}  // namespace quorate::sim
