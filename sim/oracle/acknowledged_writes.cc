// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/acknowledged_writes.h"

#include <algorithm>

#include "engine/base/status.h"
#include "sim/oracle/base_sums.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "acknowledged_writes";

Failure Fail(FailureKind kind, const Access& read, std::string promised, std::string seen) {
  return {kind, std::string(kOracle), std::move(promised), std::move(seen), read.completed};
}

// Increments that a base must have on it, but `seen` shows fewer.
Failure MissingIncrements(const Register& entry, const Access& read,
                          const std::vector<PossibleEnd>& ends) {
  const auto open = std::find_if(ends.begin(), ends.end(),
                                 [](const PossibleEnd& end) { return end.superseder == nullptr; });
  std::string promised = Format("every acknowledged increment of %s counts", NameOf(entry));
  if (open != ends.end()) {
    promised += Format(" (%u on %s, %u more may)", open->certain.size(),
                       open->base == nullptr ? "an empty key" : Describe(*open->base),
                       open->possible.size());
  }
  return Fail(FailureKind::kLostWrite, read, std::move(promised),
              "the sweep found " + Shown(read.value));
}

Failure Superseded(const Register& entry, const Access& read, const PossibleEnd& end) {
  const Access& winner = *end.superseder;
  const bool back = winner.act == Act::kDelete && read.value.has_value();
  return Fail(back ? FailureKind::kResurrection : FailureKind::kLostWrite, read,
              Format("in %s, %s survives or is superseded", NameOf(entry), Describe(winner)),
              Format("the sweep found %s, left by %s", Shown(read.value),
                     end.base == nullptr ? "the empty beginning" : Describe(*end.base)));
}

std::optional<Failure> CheckEnd(const Register& entry, const Promises& promises,
                                const Access& read) {
  const std::vector<PossibleEnd> ends = PossibleEnds(entry, promises, read);
  const PossibleEnd* superseded = nullptr;
  bool above = true;  // no base can reach so high a number: at_most_once says so
  bool counts = false;
  const std::optional<int64_t> number =
      read.value.has_value() ? IntegerOf(*read.value) : std::nullopt;
  for (const PossibleEnd& end : ends) {
    const bool explains = end.Explains(read.value);
    if (explains && end.superseder == nullptr) return std::nullopt;
    if (explains) superseded = &end;
    if (end.superseder != nullptr || (end.certain.empty() && end.possible.empty())) continue;
    counts = true;
    const std::optional<PossibleEnd::Bounds> bounds = end.bounds();
    above &= bounds.has_value() && number.has_value() && *number > bounds->high;
  }
  if (superseded != nullptr) return Superseded(entry, read, *superseded);
  if (counts) {
    if (above) return std::nullopt;
    return MissingIncrements(entry, read, ends);
  }
  return Fail(FailureKind::kWrongReply, read,
              Format("%s holds what somebody wrote and nobody was refused", NameOf(entry)),
              "the sweep found " + Shown(read.value));
}

}  // namespace

std::optional<Failure> CheckAcknowledgedWrites(const Register& entry, const Promises& promises) {
  for (const Access& access : entry.accesses) {
    if (access.phase != Phase::kSweep || access.act != Act::kRead) continue;
    if (access.read != topology::Consistency::kAll) continue;
    if (std::optional<Failure> failure = CheckEnd(entry, promises, access)) return failure;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
