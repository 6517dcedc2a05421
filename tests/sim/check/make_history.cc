// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/check/make_history.h"

#include <algorithm>

#include "sim/check/problem.h"

namespace quorate::sim::check {
namespace {

// Where a client is with its operation.
struct Client {
  std::optional<Operation> operation;  // called
  bool effective = false;              // has taken effect
  bool lost = false;                   // will not be answered
};

class Maker {
 public:
  explicit Maker(const MakeOptions& options)
      : options_(options), random_(options.seed), clients_(options.clients) {
    states_.assign(options.keys + 1, InitialOf(options.model, history_.values));
    for (uint32_t key = 0; key < options.keys; ++key) {
      history_.keys.Intern("key" + std::to_string(key));
    }
  }

  History Make() {
    while (done_ < options_.operations) {
      ++now_;
      Step(random_.Below(clients_.size()));
    }
    for (Client& client : clients_) {
      if (client.operation.has_value() && Changes(client.operation->action)) {
        history_.operations.push_back(*client.operation);
      }
    }
    return std::move(history_);
  }

 private:
  void Step(size_t index) {
    Client& client = clients_[index];
    if (!client.operation.has_value()) {
      Call(client, static_cast<uint32_t>(index));
    } else if (!client.effective) {
      Perform(*client.operation, client.lost && random_.Chance(1, 2));
      client.effective = true;
    } else {
      if (!client.lost) client.operation->returned = PlaceOfReturn(now_);
      history_.operations.push_back(*client.operation);
      client = {};
      ++done_;
    }
  }

  ValueId NewValue() {
    const uint64_t number = options_.values == 0 ? ++written_ : random_.Below(options_.values);
    return history_.values.Intern(std::to_string(number));
  }

  void Call(Client& client, uint32_t process) {
    Operation operation;
    operation.process = process;
    operation.key = static_cast<uint32_t>(1 + random_.Below(options_.keys));
    operation.called = PlaceOfCall(now_);
    const uint64_t draw = random_.Below(100);
    if (draw < options_.read_share) {
      operation.action = Action::kRead;
    } else {
      operation.value = NewValue();
      operation.action = Action::kWrite;
      if (draw < options_.read_share + options_.cas_share) {
        operation.action = Action::kCas;
        // Often what is there.
        operation.expected = random_.Chance(1, 2) ? states_[operation.key] : NewValue();
      } else if (draw < options_.read_share + options_.append_share) {
        operation.action = Action::kAppend;
      }
    }
    client.lost = random_.Below(100) < options_.unknown_share;
    client.operation = operation;
  }

  void Perform(Operation& operation, bool skip) {
    ValueId& state = states_[operation.key];
    switch (operation.action) {
      case Action::kRead:
        operation.value = state;
        break;
      case Action::kWrite:
        if (!skip) state = operation.value;
        break;
      case Action::kCas:
        if (skip) break;
        if (state == operation.expected) {
          state = operation.value;
        } else if (!clients_[operation.process].lost) {
          operation.action = Action::kCasMiss;
        }
        break;
      case Action::kAppend:
        if (!skip) {
          const std::string before(history_.values.text(state));
          state =
              history_.values.Intern(before + std::string(history_.values.text(operation.value)));
        }
        break;
      case Action::kCasMiss:
        break;
    }
  }

  const MakeOptions options_;
  Prng random_;
  History history_;
  std::vector<Client> clients_;
  std::vector<ValueId> states_;  // by key
  uint64_t now_ = 0;
  uint64_t written_ = 0;
  uint32_t done_ = 0;
};

// All that is left to order, as bits.
class Force {
 public:
  Force(const std::vector<Entry>& entries, ValueTable& values)
      : entries_(entries), values_(values) {}

  bool Orders(uint64_t left, ValueId state) {
    bool done = true;
    Place first_return = kNever;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if ((left >> i & 1) == 0 || entries_[i].optional) continue;
      done = false;
      first_return = std::min(first_return, entries_[i].returned);
    }
    if (done) return true;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if ((left >> i & 1) == 0 || entries_[i].called > first_return) continue;
      const std::optional<ValueId> next = After(state, entries_[i]);
      if (next.has_value() && Orders(Without(left, i), *next)) return true;
    }
    return false;
  }

 private:
  // What need not happen can no longer, once something called later has.
  [[nodiscard]] uint64_t Without(uint64_t left, size_t taken) const {
    left &= ~(uint64_t{1} << taken);
    for (size_t i = 0; i < entries_.size(); ++i) {
      const bool over = entries_[i].optional && entries_[i].returned < entries_[taken].called;
      if (over) left &= ~(uint64_t{1} << i);
    }
    return left;
  }
  std::optional<ValueId> After(ValueId state, const Entry& entry) {
    switch (entry.action) {
      case Action::kRead:
        return state == entry.value ? std::optional(state) : std::nullopt;
      case Action::kWrite:
        return entry.value;
      case Action::kCas:
        return state == entry.expected ? std::optional(entry.value) : std::nullopt;
      case Action::kCasMiss:
        return state != entry.expected ? std::optional(state) : std::nullopt;
      case Action::kAppend:
        break;
    }
    return values_.Intern(std::string(values_.text(state)) +
                          std::string(values_.text(entry.value)));
  }
  const std::vector<Entry>& entries_;
  ValueTable& values_;
};

}  // namespace

History MakeHistory(const MakeOptions& options) { return Maker(options).Make(); }

void PlantWrongRead(History& history, uint64_t seed) {
  Prng random(seed);
  std::vector<Operation*> reads;
  for (Operation& operation : history.operations) {
    if (operation.action == Action::kRead) reads.push_back(&operation);
  }
  if (reads.empty()) return;
  Operation& read = *reads[random.Below(reads.size())];
  read.value = history.operations[random.Below(history.operations.size())].value;
}

bool HasOrderByForce(const Problem& problem, ValueTable& values) {
  Force force(problem.entries, values);
  const uint64_t all = (uint64_t{1} << problem.entries.size()) - 1;
  return std::any_of(problem.starts.begin(), problem.starts.end(),
                     [&](ValueId start) { return force.Orders(all, start); });
}

bool IsLinearizableByForce(const History& history, Model model) {
  ValueTable values = history.values;
  const ValueId initial = InitialOf(model, values);
  for (const Problem& problem : SplitByKey(history, initial)) {
    if (!HasOrderByForce(problem, values)) return false;
  }
  return true;
}

HistoryBuilder& HistoryBuilder::Put(Action action, ValueId expected, ValueId value, int64_t from,
                                    int64_t to) {
  Operation operation;
  operation.key = history_.keys.Intern(key_);
  operation.action = action;
  operation.expected = expected;
  operation.value = value;
  operation.process = static_cast<uint32_t>(history_.operations.size());
  operation.line = operation.process + 1;
  operation.called = PlaceOfCall(static_cast<uint64_t>(from));
  if (to >= 0) operation.returned = PlaceOfReturn(static_cast<uint64_t>(to));
  history_.operations.push_back(operation);
  return *this;
}

HistoryBuilder& HistoryBuilder::Read(std::string_view value, int64_t from, int64_t to) {
  return Put(Action::kRead, kNil, history_.values.Intern(value), from, to);
}
HistoryBuilder& HistoryBuilder::ReadNil(int64_t from, int64_t to) {
  return Put(Action::kRead, kNil, kNil, from, to);
}
HistoryBuilder& HistoryBuilder::Write(std::string_view value, int64_t from, int64_t to) {
  return Put(Action::kWrite, kNil, history_.values.Intern(value), from, to);
}
HistoryBuilder& HistoryBuilder::Append(std::string_view value, int64_t from, int64_t to) {
  return Put(Action::kAppend, kNil, history_.values.Intern(value), from, to);
}
HistoryBuilder& HistoryBuilder::Cas(std::string_view expected, std::string_view value, int64_t from,
                                    int64_t to) {
  const ValueId before = history_.values.Intern(expected);
  return Put(Action::kCas, before, history_.values.Intern(value), from, to);
}
HistoryBuilder& HistoryBuilder::CasMiss(std::string_view expected, std::string_view value,
                                        int64_t from, int64_t to) {
  const ValueId before = history_.values.Intern(expected);
  return Put(Action::kCasMiss, before, history_.values.Intern(value), from, to);
}

}  // namespace quorate::sim::check
