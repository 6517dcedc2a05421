// SPDX-License-Identifier: Apache-2.0
// What a number may show at any moment of a run: at least what was acknowledged to replicas that
// the observer met before it began, and at least what an earlier answer that it met showed, with
// what was acknowledged since; at most everything that was asked for before it ended. Only for
// registers that were never set nor deleted; for others the end alone is judged (base_sums.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/oracle/base_sums.h"
#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"

namespace quorate::sim {

class CounterBounds {
 public:
  // Both outlive this. O(n log n) in the accesses.
  CounterBounds(const Register& entry, const Promises& promises);

  // True where the register holds increments and nothing else was done to it.
  [[nodiscard]] bool apply() const { return apply_; }
  // Of what `observer`, a read or an increment, may have been answered.
  [[nodiscard]] PossibleEnd::Bounds Of(const Access& observer) const;
  // The number it was answered; nothing where that is not known or no number.
  [[nodiscard]] static std::optional<int64_t> SeenBy(const Access& observer);

 private:
  // Sums of the increments up to an event, by sign.
  class Sums {
   public:
    void Add(EventId at, int64_t delta) {
      steps_.push_back({at, delta < 0 ? delta : 0, delta > 0 ? delta : 0});
    }
    void Seal();
    // Of those strictly before `end`.
    [[nodiscard]] std::pair<WideInteger, WideInteger> Before(EventId end) const;

   private:
    struct Step {
      EventId at;
      WideInteger negative;
      WideInteger positive;
    };
    std::vector<Step> steps_;
  };

  // An answer that was given.
  struct Answer {
    EventId done;
    const Access* access = nullptr;
    Reach read_from;   // what it showed stands there,
    Reach written_to;  // and its own part, of an increment, there
    int64_t number = 0;
  };
  [[nodiscard]] WideInteger DecrementsSeenBy(const Access& answer) const;
  [[nodiscard]] std::optional<WideInteger> FloorOf(const Access& observer) const;
  // Increments that were acknowledged, all of them after `from` and before `to`, to those whom
  // `met` meets.
  [[nodiscard]] WideInteger RaisedBetween(EventId from, EventId to, const Reach& met) const;

  const Register& entry_;
  const Promises& promises_;
  bool apply_ = false;
  std::vector<Answer> answers_;        // by `done`
  std::vector<const Access*> raises_;  // acknowledged ones, by invocation
  Sums invoked_;
  std::map<Reach, Sums> acknowledged_;  // by the replicas that hold them
};

}  // namespace quorate::sim
