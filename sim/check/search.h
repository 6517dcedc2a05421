// SPDX-License-Identifier: Apache-2.0
// Linearizability of one key by search for an order: exact for every action, exponential in the
// worst case, so it counts its steps and says kUnknown at the end of its budget.
//
// Calls and returns are walked through in order (Wing and Gong 1993). An operation takes effect
// just in time, when its return is reached and it has not yet; others that are open may go before
// it (Lowe 2016, "Testing for linearizability", section 4). A configuration is the place, the
// state, and which of the open operations have taken effect; none is looked at twice. What bounds
// it:
//   1. what changes nothing takes effect as soon as it agrees with the state: that never hurts;
//   2. an operation that need not happen is not tried where it changes nothing, nor before an equal
//      one that was called earlier; configurations with more of them are no better (visited.h);
//   3. while only appends can come before a read, the state must be a beginning of what it saw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/check/problem.h"
#include "sim/check/visited.h"

namespace quorate::sim::check {

class Search {
 public:
  // Appends add their states to `values`. Both outlive this.
  Search(const Problem& problem, ValueTable& values, uint64_t steps_max);

  // Once.
  [[nodiscard]] Verdict Run();
  [[nodiscard]] uint64_t steps() const { return steps_; }

 private:
  struct Event {
    Place place;
    uint32_t entry;
    bool returns;
  };
  // On the stack as its words: place and state, then the bits of required and of optional entries.
  using Configuration = std::span<uint64_t>;

  void MakeEvents();
  void GiveSlots();
  void LookAhead();
  void Push(uint32_t position, ValueId state, std::span<const uint64_t> bits);
  // Takes the configuration forward to the return of an entry that has not taken effect; false at
  // the end of the history.
  bool Advance();
  void MoveTo(uint32_t position);
  void StepForward();
  void StepBack();
  void LetReadsPass();
  void Branch();
  void Try(size_t bit, ValueId next);
  [[nodiscard]] std::optional<ValueId> After(ValueId state, const Entry& entry);
  [[nodiscard]] bool Agrees(ValueId state, const Entry& entry) const;
  [[nodiscard]] bool Hopeless() const;
  [[nodiscard]] bool BeginsWith(const Entry& read) const;

  [[nodiscard]] bool Is(size_t bit) const { return (bits_[bit / 64] >> (bit % 64) & 1) != 0; }
  void Set(size_t bit) { bits_[bit / 64] |= uint64_t{1} << (bit % 64); }
  void Clear(size_t bit) { bits_[bit / 64] &= ~(uint64_t{1} << (bit % 64)); }
  template <typename Visit>
  void ForEachOpen(Visit&& visit) const;

  std::vector<Entry> entries_;
  const std::vector<ValueId> starts_;
  ValueTable& values_;
  const uint64_t steps_max_;
  uint64_t steps_ = 0;
  size_t values_bytes_;

  std::vector<Event> events_;
  std::vector<uint32_t> bit_of_;  // by entry
  // By entry: the equal one called before it, both without a return, or kNone.
  std::vector<uint32_t> twin_of_;    // by entry: the equal optional one called before it, or kNone
  std::vector<uint32_t> return_of_;  // by entry: its event
  size_t required_words_ = 0;
  size_t words_ = 0;

  // With appends only. By event: how many replacing entries were called before it, and the first
  // read that is called from it on, or kNone.
  bool appends_ = false;
  std::vector<uint32_t> replacing_before_;
  std::vector<uint32_t> next_read_;
  std::string joined_;

  // Where the search is.
  uint32_t position_ = 0;
  ValueId state_ = kNil;
  std::vector<uint64_t> bits_;      // have taken effect
  std::vector<uint64_t> occupied_;  // are open at position_
  std::vector<uint32_t> open_;      // by bit, where occupied: the entry

  std::vector<uint64_t> stack_;
  std::vector<uint64_t> found_;  // scratch: the key in visited_
};

}  // namespace quorate::sim::check
