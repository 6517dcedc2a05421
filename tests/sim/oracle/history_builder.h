// SPDX-License-Identifier: Apache-2.0
// Histories by hand: what clients were told between which events, by way of the interpretation that
// runs have. `Self` adds commands and the oracle that judges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/oracle/history.h"
#include "sim/oracle/interpret.h"

namespace quorate::sim {

inline const resp::Reply kOk{resp::ReplyKind::kSimple, "OK", 0, {}};
inline const resp::Reply kNil{};
inline resp::Reply Text(std::string text) {
  return {resp::ReplyKind::kBulk, std::move(text), 0, {}};
}
inline resp::Reply Number(int64_t number) { return {resp::ReplyKind::kInteger, {}, number, {}}; }
inline resp::Reply Error(std::string text) {
  return {resp::ReplyKind::kError, std::move(text), 0, {}};
}

template <typename Self>
class HistoryBuilder {
 public:
  // What begins from here on belongs to the sweep.
  static constexpr uint64_t kSwept = 1000;

  Self& Do(const std::vector<Bytes>& command, const std::optional<resp::Reply>& reply,
           uint64_t from, uint64_t to) {
    Access times;
    times.operation = ++operations_;
    times.client = client_ == 0 ? static_cast<uint32_t>(operations_) : client_;
    times.invoked = EventId{from};
    times.completed = EventId{to};
    times.invoked_at = SimTime{from};
    times.completed_at = SimTime{to};
    times.read = read_;
    times.write = write_;
    if (from >= kSwept) {
      times.phase = Phase::kSweep;
      times.read = topology::Consistency::kAll;
    }
    history_.Add(times, Interpret(command, reply ? &*reply : nullptr));
    return self();
  }
  Self& Set(Bytes key, Bytes value, uint64_t from, uint64_t to) {
    return Do({"SET", std::move(key), std::move(value)}, kOk, from, to);
  }
  Self& Get(Bytes key, const resp::Reply& reply, uint64_t from, uint64_t to) {
    return Do({"GET", std::move(key)}, reply, from, to);
  }
  // One client from now on; else each command has its own.
  Self& By(uint32_t client) {
    client_ = client;
    return self();
  }
  Self& Reading(topology::Consistency level) {
    read_ = level;
    return self();
  }
  Self& Writing(topology::Consistency level) {
    write_ = level;
    return self();
  }
  [[nodiscard]] const History& history() const { return history_; }

 private:
  Self& self() { return static_cast<Self&>(*this); }

  History history_;
  uint64_t operations_ = 0;
  uint32_t client_ = 0;
  topology::Consistency read_ = Access().read;
  topology::Consistency write_ = Access().write;
};

}  // namespace quorate::sim
