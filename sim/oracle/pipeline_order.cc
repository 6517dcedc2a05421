// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/pipeline_order.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "sim/oracle/base_sums.h"
#include "sim/oracle/limits.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "pipeline_order";

bool Writes(const Access& access) {
  return access.act == Act::kWrite || access.act == Act::kDelete;
}

// Accesses of a register are in order of operations.
class Judge {
 public:
  Judge(const Register& entry, const Promises& promises) : entry_(entry), promises_(promises) {
    for (const Access& access : entry.accesses) {
      if (!Writes(access) || access.fate == Fate::kRefused) continue;
      writers_[access.value].push_back(&access);
      if (access.fate == Fate::kAcknowledged) writes_of_[access.client].push_back(&access);
    }
  }

  // What speaks against each of those who may have written what the read shows; empty where one of
  // them may have, as far as pipelines tell, and where nobody wrote it: others judge that.
  [[nodiscard]] std::string Against(const Access& read) const {
    std::string against;
    if (!read.value.has_value()) {  // the empty beginning
      const Access* own = OwnWriteBefore(read);
      if (own == nullptr || !own->value.has_value() || !Shows(read, *own)) return {};
      against = Describe(*own);
    }
    const auto candidates = writers_.find(read.value);
    if (candidates == writers_.end()) return against;
    for (const Access* writer : candidates->second) {
      against = AgainstOne(read, *writer);
      if (against.empty()) break;
    }
    return against;
  }

 private:
  [[nodiscard]] std::string AgainstOne(const Access& read, const Access& writer) const {
    if (writer.client == read.client && writer.operation > read.operation) {
      return "nothing of the later " + Describe(writer);
    }
    // One whose outcome is open may take effect after everything that came later.
    if (writer.fate != Fate::kAcknowledged) return {};
    const Access* own = OwnWriteBefore(read);
    if (own != nullptr && Replaces(*own, writer, read)) return Describe(*own);
    const auto of_client = writes_of_.find(writer.client);
    if (of_client == writes_of_.end()) return {};
    const std::vector<const Access*>& writes = of_client->second;
    auto next = std::upper_bound(
        writes.begin(), writes.end(), writer.operation,
        [](uint64_t operation, const Access* access) { return operation < access->operation; });
    for (size_t i = 0; next != writes.end() && i < kPipelineWritesJudged; ++next, ++i) {
      if (Replaces(**next, writer, read)) return Describe(**next);
    }
    return {};
  }

  // Whether `later` came after the writer and before the read, and met both.
  [[nodiscard]] bool Replaces(const Access& later, const Access& writer, const Access& read) const {
    if (&later == &writer || later.value == read.value) return false;
    if (!Before(writer, later) || !Shows(read, later)) return false;
    const Reach held = HeldBy(writer, entry_, promises_);
    return promises_.Meet(held, promises_.Of(later.write, later.local)) &&
           (later.act == Act::kWrite ||
            promises_.Meet(held, promises_.Of(later.read, later.local)));
  }
  // Whether the read shows `write` or something newer.
  [[nodiscard]] bool Shows(const Access& read, const Access& write) const {
    return Before(write, read) &&
           promises_.Meet(HeldBy(write, entry_, promises_), promises_.Of(read.read, read.local));
  }
  static bool Before(const Access& a, const Access& b) {
    if (a.client == b.client) return a.operation < b.operation;
    return EndOf(a, b) < b.invoked;
  }
  // The client's last acknowledged write in front of its read; null where there is none.
  [[nodiscard]] const Access* OwnWriteBefore(const Access& read) const {
    const auto of_client = writes_of_.find(read.client);
    if (of_client == writes_of_.end()) return nullptr;
    const std::vector<const Access*>& writes = of_client->second;
    const auto after = std::lower_bound(
        writes.begin(), writes.end(), read.operation,
        [](const Access* access, uint64_t operation) { return access->operation < operation; });
    return after == writes.begin() ? nullptr : *(after - 1);
  }

  const Register& entry_;
  const Promises& promises_;
  std::map<std::optional<Bytes>, std::vector<const Access*>> writers_;
  std::map<uint32_t, std::vector<const Access*>> writes_of_;  // by client: what was acknowledged
};

}  // namespace

std::optional<Failure> CheckPipelineOrder(const Register& entry, const Promises& promises) {
  const auto adds = [](const Access& access) {
    return access.act == Act::kAdd && access.fate != Fate::kRefused;
  };
  if (std::any_of(entry.accesses.begin(), entry.accesses.end(), adds)) return std::nullopt;
  const Judge judge(entry, promises);
  for (const Access& read : entry.accesses) {
    if (read.act != Act::kRead || read.fate != Fate::kAcknowledged) continue;
    const std::string against = judge.Against(read);
    if (against.empty()) continue;
    return Failure{FailureKind::kStaleRead, std::string(kOracle),
                   Format("in %s, in the order in which the clients sent, a read shows %s",
                          NameOf(entry), against),
                   Describe(read), read.completed};
  }
  return std::nullopt;
}

}  // namespace quorate::sim
