// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/quorum_reads.h"

#include <algorithm>
#include <map>

#include "engine/base/status.h"
#include "sim/oracle/base_sums.h"
#include "sim/oracle/counter_bounds.h"
#include "sim/oracle/evidence.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "quorum_reads";

Failure Fail(FailureKind kind, const Access& read, std::string promised) {
  return {kind, std::string(kOracle), std::move(promised), Describe(read), read.completed};
}

using Writers = std::map<std::optional<Bytes>, std::vector<const Access*>>;

Writers WritersByValue(const Register& entry) {
  Writers writers;
  writers[std::nullopt].push_back(nullptr);  // the empty beginning
  for (const Access& access : entry.accesses) {
    if (access.act == Act::kWrite) writers[access.value].push_back(&access);
    if (access.act == Act::kDelete) writers[std::nullopt].push_back(&access);
  }
  return writers;
}

// Wrong, stale, or explained by one of those who wrote the value.
std::optional<Failure> CheckRead(const Register& entry, const Writers& writers,
                                 const Evidence& evidence, const Access& read) {
  const auto candidates = writers.find(read.value);
  const Access* against = nullptr;
  const Access* refused = nullptr;
  const Access* too_late = nullptr;
  if (candidates != writers.end()) {
    for (auto it = candidates->second.rbegin(); it != candidates->second.rend(); ++it) {
      const Access* writer = *it;
      if (writer != nullptr && writer->operation == read.operation) continue;  // reads first
      if (writer != nullptr && writer->fate == Fate::kRefused) {
        refused = writer;
      } else if (writer != nullptr && writer->invoked > read.completed) {
        too_late = writer;
      } else {
        against = evidence.Against(read, writer, read.value);
        if (against == nullptr) return std::nullopt;
      }
    }
  }
  if (against != nullptr) {
    return Fail(
        FailureKind::kStaleRead, read,
        Format("in %s, a read shows %s or something newer", NameOf(entry), Describe(*against)));
  }
  std::string promised = Format("%s shows what was written before", NameOf(entry));
  if (refused != nullptr) promised += ", and nothing of a refused " + Describe(*refused);
  if (too_late != nullptr) promised += ", and nothing of the later " + Describe(*too_late);
  return Fail(FailureKind::kWrongReply, read, std::move(promised));
}

std::optional<Failure> CheckCounter(const Register& entry, const CounterBounds& bounds) {
  for (const Access& access : entry.accesses) {
    if (access.act != Act::kRead && access.act != Act::kAdd) continue;
    if (access.fate != Fate::kAcknowledged) continue;
    const std::optional<int64_t> seen = CounterBounds::SeenBy(access);
    if (!seen.has_value()) {
      return Fail(FailureKind::kWrongReply, access, Format("%s is a number", NameOf(entry)));
    }
    const WideInteger low = bounds.Of(access).low;
    if (*seen >= low) continue;
    return Fail(
        FailureKind::kStaleRead, access,
        Format("%s shows at least the %d that were acknowledged or shown before; it showed %s",
               NameOf(entry), static_cast<int64_t>(low), Shown(access.value)));
  }
  return std::nullopt;
}

// Whether what a writer left can be there when a command looks, which does so before it writes.
bool MayHaveMet(const Access& read, const Access& writer) {
  const bool own = writer.operation == read.operation && writer.client == read.client;
  return !own && writer.fate != Fate::kRefused && writer.invoked <= read.completed;
}

// Whether one who has deleted the key may find something there before it ends.
bool FindsAgain(const Register& entry, const Promises& promises, const Access& deletion) {
  const Reach met = promises.Of(deletion.read, deletion.local);
  if (!promises.Meet(HeldBy(deletion, entry, promises), met)) return true;
  return std::any_of(entry.accesses.begin(), entry.accesses.end(), [&](const Access& writer) {
    return writer.act == Act::kWrite && MayHaveMet(deletion, writer) &&
           writer.completed >= deletion.invoked;
  });
}

}  // namespace

std::vector<ShownValues> ValuesShown(const Register& entry, const Promises& promises,
                                     const std::vector<const Access*>& reads) {
  std::vector<ShownValues> shown(reads.size());
  if (HoldsIncrements(entry)) return shown;
  const Writers writers = WritersByValue(entry);
  const Evidence evidence(entry, promises);
  for (size_t i = 0; i < reads.size(); ++i) {
    Access read = *reads[i];
    std::vector<std::optional<Bytes>>& values = shown[i].emplace();
    for (const auto& [value, of_value] : writers) {
      read.value = value;
      if (!CheckRead(entry, writers, evidence, read).has_value()) values.push_back(value);
    }
  }
  return shown;
}

std::vector<ShownPresence> PresenceShown(const Register& entry, const Promises& promises,
                                         const std::vector<const Access*>& reads) {
  std::vector<ShownPresence> shown(reads.size());
  if (HoldsIncrements(entry)) return shown;
  const Evidence evidence(entry, promises);
  for (size_t i = 0; i < reads.size(); ++i) {
    const Access& read = *reads[i];
    const auto may_show = [&](Act act) {
      // The latest are those that nothing speaks against.
      return std::any_of(entry.accesses.rbegin(), entry.accesses.rend(), [&](const Access& writer) {
        return writer.act == act && MayHaveMet(read, writer) &&
               evidence.Against(read, &writer, writer.value) == nullptr;
      });
    };
    shown[i].nothing =
        evidence.Against(read, nullptr, std::nullopt) == nullptr || may_show(Act::kDelete);
    shown[i].something = may_show(Act::kWrite);
    shown[i].again = shown[i].something && FindsAgain(entry, promises, read);
  }
  return shown;
}

std::optional<Failure> CheckQuorumReads(const Register& entry, const Promises& promises) {
  if (HoldsIncrements(entry)) {
    const CounterBounds bounds(entry, promises);
    return bounds.apply() ? CheckCounter(entry, bounds) : std::nullopt;
  }
  const Writers writers = WritersByValue(entry);
  const Evidence evidence(entry, promises);
  for (const Access& access : entry.accesses) {
    if (access.act != Act::kRead || access.fate != Fate::kAcknowledged) continue;
    if (std::optional<Failure> failure = CheckRead(entry, writers, evidence, access)) {
      return failure;
    }
  }
  return std::nullopt;
}

}  // namespace quorate::sim
