// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/preference.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/base/check.h"

namespace quorate::topology {
namespace {

// A seat with its round (how many of its rack come before it) and its rank in the given order.
struct Candidate {
  uint32_t round = 0;
  uint64_t rank = 0;  // greater is earlier
  uint32_t seat = 0;
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tie(a.round, b.rank, a.seat) < std::tie(b.round, a.rank, b.seat);
  }
};

void AppendFirst(std::vector<Candidate>& candidates, uint32_t count, std::vector<uint32_t>& out) {
  QUORATE_CHECK(candidates.size() >= count);
  const auto end = candidates.begin() + count;
  std::partial_sort(candidates.begin(), end, candidates.end());
  for (auto it = candidates.begin(); it != end; ++it) out.push_back(it->seat);
}

// Members in the order of their last touch, latest first: several circular lists over one array,
// each with a head that is an element of the array too.
class RecencyLists {
 public:
  explicit RecencyLists(size_t elements) : next_(elements, kNone), previous_(elements, kNone) {}

  void MakeHead(uint32_t head) { next_[head] = previous_[head] = head; }
  [[nodiscard]] uint32_t Next(uint32_t element) const { return next_[element]; }
  void MoveToFront(uint32_t head, uint32_t element) {
    if (next_[head] == element) return;
    if (next_[element] != kNone) {
      next_[previous_[element]] = next_[element];
      previous_[next_[element]] = previous_[element];
    }
    next_[element] = next_[head];
    previous_[element] = head;
    previous_[next_[head]] = element;
    next_[head] = element;
  }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
};

// Walking backwards, the seats ahead in the order they come are the seats by their latest touch: so
// a touch per step keeps all that a list needs, racks in one list and each rack's seats in another.
class BackwardWalk {
 public:
  BackwardWalk(std::span<const Replica> seats, uint32_t replicas)
      : seats_(seats),
        replicas_(replicas),
        touched_(seats.size()),
        racks_(RackCount(seats) + 1),
        members_(RackCount(seats) + seats.size()) {
    rack_list_ = RackCount(seats);
    racks_.MakeHead(rack_list_);
    for (uint32_t rack = 0; rack < rack_list_; ++rack) members_.MakeHead(rack);
  }

  void StepTo(uint32_t seat) {
    const uint32_t rack = seats_[seat].rack;
    touched_[seat] = ++clock_;
    racks_.MoveToFront(rack_list_, rack);
    members_.MoveToFront(rack, rack_list_ + seat);
  }

  void AppendList(std::vector<uint32_t>& out) {
    candidates_.clear();
    // Racks come in the order of their first seats, so where they suffice the list is complete.
    for (uint32_t round = 0; candidates_.size() < replicas_; ++round) {
      const size_t before = candidates_.size();
      AppendRound(round);
      QUORATE_CHECK(candidates_.size() > before);
    }
    AppendFirst(candidates_, replicas_, out);
  }

 private:
  static uint32_t RackCount(std::span<const Replica> seats) {
    uint32_t count = 0;
    for (const Replica& seat : seats) count = std::max(count, uint32_t{seat.rack} + 1);
    return count;
  }
  void AppendRound(uint32_t round) {
    uint32_t taken = 0;
    for (uint32_t rack = racks_.Next(rack_list_); rack != rack_list_; rack = racks_.Next(rack)) {
      uint32_t member = members_.Next(rack);
      for (uint32_t i = 0; i < round && member != rack; ++i) member = members_.Next(member);
      if (member == rack) continue;
      const uint32_t seat = member - rack_list_;
      candidates_.push_back({round, touched_[seat], seat});
      // Only in the first round is the order of the racks that of their seats.
      if (round == 0 && ++taken == replicas_) return;
    }
  }

  std::span<const Replica> seats_;
  uint32_t replicas_;
  uint64_t clock_ = 0;
  std::vector<uint64_t> touched_;
  uint32_t rack_list_ = 0;  // the head of the list of racks, and where seats begin in members_
  RecencyLists racks_;
  RecencyLists members_;
  std::vector<Candidate> candidates_;
};

}  // namespace

std::vector<uint32_t> PreferenceLists(std::span<const uint32_t> walk,
                                      std::span<const Replica> seats, uint32_t replicas) {
  QUORATE_CHECK(replicas > 0);
  BackwardWalk backward(seats, replicas);
  // Once around, so that the end of the walk knows its beginning.
  for (size_t i = walk.size(); i > 0; --i) backward.StepTo(walk[i - 1]);
  std::vector<uint32_t> reversed;
  reversed.reserve(walk.size() * replicas);
  for (size_t i = walk.size(); i > 0; --i) {
    backward.StepTo(walk[i - 1]);
    backward.AppendList(reversed);
  }
  std::vector<uint32_t> lists(reversed.size());
  for (size_t i = 0; i < walk.size(); ++i) {
    std::copy_n(&reversed[(walk.size() - 1 - i) * replicas], replicas, &lists[i * replicas]);
  }
  return lists;
}

void AppendByRank(std::span<const uint64_t> ranks, uint32_t begin, std::span<const Replica> seats,
                  uint32_t replicas, std::vector<uint32_t>& out) {
  std::vector<Candidate> candidates;
  candidates.reserve(ranks.size());
  for (uint32_t i = 0; i < ranks.size(); ++i) candidates.push_back({0, ranks[i], begin + i});
  // Seats of a rack are neighbours. Beyond the first `replicas` of a rack none is ever taken.
  size_t kept = 0;
  for (size_t first = 0; first < candidates.size();) {
    size_t last = first + 1;
    const uint16_t rack = seats[candidates[first].seat].rack;
    while (last < candidates.size() && seats[candidates[last].seat].rack == rack) ++last;
    const size_t take = std::min<size_t>(replicas, last - first);
    const auto from = candidates.begin() + static_cast<ptrdiff_t>(first);
    std::partial_sort(from, from + static_cast<ptrdiff_t>(take),
                      candidates.begin() + static_cast<ptrdiff_t>(last));
    for (size_t i = 0; i < take; ++i) {
      Candidate candidate = candidates[first + i];
      candidate.round = static_cast<uint32_t>(i);
      candidates[kept++] = candidate;
    }
    first = last;
  }
  candidates.resize(kept);
  AppendFirst(candidates, replicas, out);
}

}  // namespace quorate::topology
