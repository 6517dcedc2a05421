// SPDX-License-Identifier: Apache-2.0
// Histories of one register, written by hand: each access with the events between which it ran.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/oracle/history.h"

namespace quorate::sim {

class RegisterBuilder {
 public:
  RegisterBuilder() { entry_.key = "k"; }

  RegisterBuilder& Name(std::string key) {
    entry_.key = std::move(key);
    return *this;
  }

  // Of a hash.
  RegisterBuilder& Field(std::string field) {
    entry_.field = std::move(field);
    return *this;
  }

  RegisterBuilder& Write(std::string value, uint64_t from, uint64_t to) {
    return Put(Act::kWrite, std::move(value), 0, from, to);
  }
  RegisterBuilder& Delete(uint64_t from, uint64_t to) {
    return Put(Act::kDelete, std::nullopt, 0, from, to);
  }
  // A deadline set by an acknowledged command: a deletion that may come at any later time.
  RegisterBuilder& Deadline(uint64_t from, uint64_t to) {
    Delete(from, to);
    last().fate = Fate::kUnknown;
    last().completed = kNever;
    return *this;
  }
  RegisterBuilder& Read(std::optional<std::string> value, uint64_t from, uint64_t to) {
    return Put(Act::kRead, std::move(value), 0, from, to);
  }
  // `sum` is what was answered.
  RegisterBuilder& Add(int64_t delta, uint64_t from, uint64_t to,
                       std::optional<int64_t> sum = std::nullopt) {
    std::optional<std::string> text;
    if (sum.has_value()) text = std::to_string(*sum);
    return Put(Act::kAdd, std::move(text), delta, from, to);
  }
  // The read of the sweep, long after everything.
  RegisterBuilder& Sweep(std::optional<std::string> value) {
    Put(Act::kRead, std::move(value), 0, 1'000'000, 1'000'001);
    last().phase = Phase::kSweep;
    last().read = topology::Consistency::kAll;
    return *this;
  }

  // Changes the access added last.
  RegisterBuilder& By(uint32_t client) {
    last().client = client;
    return *this;
  }
  // Of another operation than its place says.
  RegisterBuilder& Numbered(uint64_t operation) {
    last().operation = operation;
    return *this;
  }
  RegisterBuilder& Unknown() {
    last().fate = Fate::kUnknown;
    last().completed = kNever;
    last().decided = kNever;
    return *this;
  }
  RegisterBuilder& Refused() {
    last().fate = Fate::kRefused;
    return *this;
  }
  RegisterBuilder& At(topology::Consistency level) {
    last().read = level;
    last().write = level;
    return *this;
  }
  // Of one that writes at another level.
  RegisterBuilder& ReadingAt(topology::Consistency level) {
    last().read = level;
    return *this;
  }
  RegisterBuilder& In(uint16_t data_centre) {
    last().local = data_centre;
    return *this;
  }

  RegisterBuilder& Crash(uint16_t replica, uint64_t us, uint16_t data_centre = 0) {
    entry_.crashes.push_back({SimTime{us}, replica, data_centre});
    return *this;
  }

  [[nodiscard]] const Register& entry() const { return entry_; }

 private:
  Access& last() { return entry_.accesses.back(); }
  // Events are one microsecond apart.
  RegisterBuilder& Put(Act act, std::optional<std::string> value, int64_t delta, uint64_t from,
                       uint64_t to) {
    Access access;
    access.operation = entry_.accesses.size() + 1;
    access.client = static_cast<uint32_t>(access.operation);  // each its own
    access.act = act;
    access.invoked = EventId{from};
    access.completed = EventId{to};
    access.decided = access.completed;
    access.invoked_at = SimTime{from};
    access.completed_at = SimTime{to};
    access.value = std::move(value);
    access.delta = delta;
    entry_.accesses.push_back(std::move(access));
    return *this;
  }

  Register entry_;
};

// One data centre, three replicas.
inline Promises ThreeReplicas(env::Durability durability = env::Durability::kAlways) {
  return {{3}, durability, Duration(100)};
}

}  // namespace quorate::sim
