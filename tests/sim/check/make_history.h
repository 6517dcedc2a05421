// SPDX-License-Identifier: Apache-2.0
// Histories from a seed, and by hand. A made history is of clients on an atomic register: each
// operation takes effect in one moment between its call and its return, so it is linearizable;
// PlantWrongRead makes it wrong, or so it may be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "sim/check/history.h"
#include "sim/check/problem.h"

namespace quorate::sim::check {

struct MakeOptions {
  Model model = Model::kRegister;
  uint32_t operations = 8;
  uint32_t clients = 3;
  uint32_t keys = 1;
  // Out of a hundred.
  uint32_t read_share = 50;
  uint32_t cas_share = 0;     // of a register
  uint32_t append_share = 0;  // of kv
  uint32_t unknown_share = 0;
  uint32_t values = 0;  // to write from; 0: every write has a value of its own
  uint64_t seed = 1;
};

// Clients take turns by draw; an operation in their midst at the end has no answer.
[[nodiscard]] History MakeHistory(const MakeOptions& options);
// One read sees what another operation of the history wrote or saw.
void PlantWrongRead(History& history, uint64_t seed);

// Every order, every choice of what happened. For a dozen operations of one key.
[[nodiscard]] bool IsLinearizableByForce(const History& history, Model model);
[[nodiscard]] bool HasOrderByForce(const Problem& problem, ValueTable& values);

// By hand, on one key. Times are as given; a return of -1 is an unknown outcome.
class HistoryBuilder {
 public:
  HistoryBuilder& Read(std::string_view value, int64_t from, int64_t to);
  HistoryBuilder& ReadNil(int64_t from, int64_t to);
  HistoryBuilder& Write(std::string_view value, int64_t from, int64_t to);
  HistoryBuilder& Append(std::string_view value, int64_t from, int64_t to);
  HistoryBuilder& Cas(std::string_view expected, std::string_view value, int64_t from, int64_t to);
  HistoryBuilder& CasMiss(std::string_view expected, std::string_view value, int64_t from,
                          int64_t to);
  // Of what follows.
  HistoryBuilder& Key(std::string_view key) {
    key_ = key;
    return *this;
  }
  [[nodiscard]] History& history() { return history_; }

 private:
  HistoryBuilder& Put(Action action, ValueId expected, ValueId value, int64_t from, int64_t to);
  History history_;
  std::string key_ = "k";
};

}  // namespace quorate::sim::check
