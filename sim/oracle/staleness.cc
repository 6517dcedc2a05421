// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/staleness.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/base/status.h"
#include "sim/oracle/base_sums.h"

namespace quorate::sim {
namespace {

bool Changes(const Access& access) {
  return access.act == Act::kWrite || access.act == Act::kDelete;
}

struct Lag {
  uint64_t writes = 0;
  bool own = false;
  SimTime since;  // where there are any
};

// Acknowledged writes and deletions, by when they ended.
std::vector<const Access*> Acknowledged(const Register& entry) {
  std::vector<const Access*> writes;
  for (const Access& access : entry.accesses) {
    if (Changes(access) && access.fate == Fate::kAcknowledged) writes.push_back(&access);
  }
  std::sort(writes.begin(), writes.end(), [](const Access* a, const Access* b) {
    return a->completed != b->completed ? a->completed < b->completed : a->invoked < b->invoked;
  });
  return writes;
}

using Writes = std::vector<const Access*>::const_iterator;

// `begin` to `end`: the acknowledged ones that had ended before the read began. `writer`: of what
// it shows; null for the empty beginning.
Lag LagBehind(const Access& read, const Access* writer, Writes begin, Writes end) {
  Lag lag;
  for (auto it = end; it != begin;) {
    const Access& newer = **--it;
    // All that is left had ended by then, and began before.
    if (writer != nullptr && newer.completed <= writer->decided) break;
    if (&newer == writer || newer.operation == read.operation) continue;
    if (writer != nullptr && newer.invoked <= EndOf(*writer, newer)) continue;
    ++lag.writes;
    lag.own = lag.own || newer.client == read.client;
    lag.since = newer.completed_at;
  }
  return lag;
}

bool MayHaveWritten(const Access& access, const Access& read) {
  return Changes(access) && access.fate != Fate::kRefused && access.operation != read.operation &&
         access.invoked <= read.completed && access.value == read.value;
}

// Nothing where nobody has written what it shows.
std::optional<Lag> LeastLag(const Register& entry, const Access& read, Writes begin, Writes end) {
  std::optional<Lag> least;
  if (!read.value) least = LagBehind(read, nullptr, begin, end);
  // The latest are the likeliest.
  for (auto it = entry.accesses.rbegin(); it != entry.accesses.rend(); ++it) {
    if (!MayHaveWritten(*it, read)) continue;
    const Lag lag = LagBehind(read, &*it, begin, end);
    if (lag.writes == 0) return lag;
    if (!least || lag.writes < least->writes) least = lag;
  }
  return least;
}

template <size_t N>
size_t ClassOf(const std::array<uint64_t, N>& highest, uint64_t value) {
  return static_cast<size_t>(std::lower_bound(highest.begin(), highest.end(), value) -
                             highest.begin());
}

}  // namespace

void Staleness::Take(const Register& entry, const Promises& promises) {
  if (HoldsIncrements(entry)) return;
  const std::vector<const Access*> writes = Acknowledged(entry);
  if (writes.empty()) return;
  for (const Access& read : entry.accesses) {
    if (read.act != Act::kRead || read.fate != Fate::kAcknowledged) continue;
    if (read.phase == Phase::kSweep) continue;
    const auto end = std::partition_point(writes.begin(), writes.end(), [&](const Access* write) {
      return write->completed < read.invoked;
    });
    if (end == writes.begin()) continue;
    const Access& last = **std::prev(end);
    if (promises.Meet(HeldBy(last, entry, promises), promises.Of(read.read, read.local))) continue;
    const std::optional<Lag> lag = LeastLag(entry, read, writes.begin(), end);
    if (!lag) continue;
    OfLevel& level = levels_[static_cast<size_t>(read.read)];
    ++level.reads;
    if (lag->writes == 0) continue;
    const uint64_t us = read.invoked_at.us - lag->since.us;
    ++level.behind;
    level.missed_own += lag->own ? 1U : 0U;
    ++level.by_writes[ClassOf(kWrites, lag->writes)];
    ++level.by_time[ClassOf(kMilliseconds, us / 1000)];
    level.writes_max = std::max(level.writes_max, lag->writes);
    level.us_max = std::max(level.us_max, us);
  }
}

void Staleness::Add(const Staleness& other) {
  for (size_t i = 0; i < levels_.size(); ++i) {
    OfLevel& level = levels_[i];
    const OfLevel& more = other.levels_[i];
    level.reads += more.reads;
    level.behind += more.behind;
    level.missed_own += more.missed_own;
    for (size_t j = 0; j < level.by_writes.size(); ++j) level.by_writes[j] += more.by_writes[j];
    for (size_t j = 0; j < level.by_time.size(); ++j) level.by_time[j] += more.by_time[j];
    level.writes_max = std::max(level.writes_max, more.writes_max);
    level.us_max = std::max(level.us_max, more.us_max);
  }
}

std::string Staleness::Describe() const {
  std::string text;
  for (size_t i = 0; i < levels_.size(); ++i) {
    const OfLevel& level = levels_[i];
    if (level.reads == 0) continue;
    text += Format(
        "stale:    %s: of %u reads that need not meet the last write %u were behind it, %u of them "
        "behind their own client's\n",
        NameOf(static_cast<topology::Consistency>(i)), level.reads, level.behind, level.missed_own);
    if (level.behind == 0) continue;
    text +=
        Format("          by 1 write %u, 2 or 3 %u, 4 to 7 %u, 8 to 15 %u, more %u; at most %u\n",
               level.by_writes[0], level.by_writes[1], level.by_writes[2], level.by_writes[3],
               level.by_writes[4], level.writes_max);
    text += Format("          for 10 ms %u, 100 ms %u, 1 s %u, 10 s %u, longer %u; at most %u ms\n",
                   level.by_time[0], level.by_time[1], level.by_time[2], level.by_time[3],
                   level.by_time[4], level.us_max / 1000);
  }
  return text;
}

}  // namespace quorate::sim
