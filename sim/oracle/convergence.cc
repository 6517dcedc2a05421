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
  const uint32_t number = names_.Add(key);
  if (number == copies_.size()) copies_.emplace_back();
  copies_[number].push_back({node, hash::Digest(state, kDigestSeed)});
}

std::optional<Failure> Convergence::Check(const Questions& questions, EventId now) const {
  for (const uint32_t number : names_.InOrder()) {
    const Bytes& key = names_.key(number);
    const auto& copies = copies_[number];
    const std::vector<uint32_t> replicas = questions.replicas_of(key);
    const bool all = questions.whole;
    const size_t wanted = all ? replicas.size() : replicas.size() / 2 + 1;
    size_t most = 0;
    for (const Copy& copy : copies) {
      if (std::find(replicas.begin(), replicas.end(), copy.node) == replicas.end()) {
        return Fail(Format("only replicas hold key %s", Shown(key)),
                    Format("node %u holds it", copy.node), now);
      }
      most = std::max(most, static_cast<size_t>(std::count_if(
                                copies.begin(), copies.end(),
                                [&](const Copy& other) { return other.digest == copy.digest; })));
    }
    // Those that hold nothing are equal too.
    if (!all && replicas.size() > copies.size()) {
      most = std::max(most, replicas.size() - copies.size());
    }
    if (most >= wanted || !questions.swept(key)) continue;
    std::string seen;
    for (const uint32_t node : replicas) {
      seen +=
          Format("%snode %u: %s", seen.empty() ? "" : "; ", node, questions.describe(node, key));
    }
    return Fail(Format("after healing and the sweep %s replicas of key %s are byte-equal",
                       all ? "all" : "most", Shown(key)),
                seen, now);
  }
  return std::nullopt;
}

std::optional<Failure> Convergence::CheckHeld(const std::vector<Bytes>& keys, EventId now) const {
  for (const Bytes& key : keys) {
    if (names_.Find(key)) continue;
    return Fail(Format("somebody holds key %s, which the sweep has read", Shown(key)), "nobody",
                now);
  }
  return std::nullopt;
}

}  // namespace quorate::sim
