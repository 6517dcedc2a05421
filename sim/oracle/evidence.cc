// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/evidence.h"

#include <algorithm>

#include "sim/oracle/base_sums.h"

namespace quorate::sim {
namespace {

// What the register shows while this access is the last.
const std::optional<Bytes>& ValueOf(const EvidencePiece& piece) { return piece.access->value; }

// One replica judges a deadline by its own clock, and stores nothing: that it had passed there does
// not show that it has for others.
bool ShowsNoMoreThanAClock(const Access& read, const Reach& met, bool has_deadlines) {
  return has_deadlines && !read.value.has_value() && met.in_all == 1;
}

bool IsDeadline(const Access& access) {
  return access.completed == kNever && access.decided != kNever;
}

bool HasDeadlines(const Register& entry) {
  return std::any_of(entry.accesses.begin(), entry.accesses.end(), IsDeadline);
}

// Whether a read shows that another write came behind the one which this deadline was set with, and
// took it away.
bool ShowsTakenAway(const Access& read, const Access& deadline, const Register& entry) {
  if (read.act != Act::kRead || !read.value.has_value() || !IsDeadline(deadline)) return false;
  auto own = std::lower_bound(
      entry.accesses.begin(), entry.accesses.end(), deadline.operation,
      [](const Access& access, uint64_t operation) { return access.operation < operation; });
  for (; own != entry.accesses.end() && own->operation == deadline.operation; ++own) {
    if (own->act == Act::kWrite) return own->value != read.value;
  }
  return false;
}

}  // namespace

Access DeletionBehindRead(const Access& made, const Promises& promises) {
  Access deletion = made;
  deletion.act = Act::kDelete;
  if (promises.Of(made.read, made.local) != promises.Of(made.write, made.local)) {
    deletion.fate = Fate::kUnknown;
    deletion.completed = kNever;
    deletion.decided = kNever;
  }
  return deletion;
}

Evidence::Evidence(const Register& entry, const Promises& promises)
    : entry_(entry), promises_(promises) {
  const bool has_deadlines = HasDeadlines(entry);
  for (const Access& access : entry.accesses) {
    if (access.fate != Fate::kAcknowledged) continue;
    const EvidencePiece piece{access.completed, access.invoked, &access};
    const Reach met = promises.Of(access.read, access.local);
    if (access.act == Act::kRead) {
      if (ShowsNoMoreThanAClock(access, met, has_deadlines)) continue;
      const Reach held =
          promises.Without(met, access.invoked_at, access.completed_at, entry.crashes);
      Add({held, {met}}, piece);
    } else if (access.act != Act::kAdd) {
      std::vector<Reach> knows = {promises.Of(access.write, access.local)};
      if (access.act == Act::kDelete) knows.push_back(met);
      Add({HeldBy(access, entry, promises), std::move(knows)}, piece);
    }
  }
  Seal();
}

void Evidence::Add(Class kind, const EvidencePiece& piece) {
  steps_[std::move(kind)].push_back({piece.done, piece, {}});
}

void Evidence::Seal() {
  const auto raise = [](Step& step, const EvidencePiece& piece) {
    if (piece.access == nullptr) return;
    if (step.best.access == nullptr || ValueOf(piece) == ValueOf(step.best)) {
      if (step.best.access == nullptr || piece.floor > step.best.floor) step.best = piece;
    } else if (piece.floor > step.best.floor) {
      step.other = step.best;
      step.best = piece;
    } else if (step.other.access == nullptr || piece.floor > step.other.floor) {
      step.other = piece;
    }
  };
  for (auto& [kind, steps] : steps_) {
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.done < b.done; });
    for (size_t i = 1; i < steps.size(); ++i) {
      raise(steps[i], steps[i - 1].best);
      raise(steps[i], steps[i - 1].other);
    }
  }
}

const Access* Evidence::Against(const Access& reader, const Access* writer,
                                const std::optional<Bytes>& value) const {
  const Reach met = promises_.Of(reader.read, reader.local);
  for (const auto& [kind, steps] : steps_) {
    if (!promises_.Meet(kind.holds, met)) continue;
    const auto after =
        std::lower_bound(steps.begin(), steps.end(), reader.invoked,
                         [](const Step& step, EventId at) { return step.done < at; });
    if (after == steps.begin()) continue;
    const Step& step = *(after - 1);
    const EvidencePiece& piece = ValueOf(step.best) == value ? step.other : step.best;
    if (piece.access == nullptr) continue;
    if (writer == nullptr) return piece.access;
    const EventId end = ShowsTakenAway(*piece.access, *writer, entry_)
                            ? writer->decided
                            : EndOf(*writer, *piece.access);
    if (end >= piece.floor) continue;
    const Reach held = HeldBy(*writer, entry_, promises_);
    const bool known = std::all_of(kind.knows.begin(), kind.knows.end(),
                                   [&](const Reach& reach) { return promises_.Meet(held, reach); });
    if (known) return piece.access;
  }
  return nullptr;
}

}  // namespace quorate::sim
