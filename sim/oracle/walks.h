// SPDX-License-Identifier: Apache-2.0
// Verifies: a walk over all keys (SCAN from end to end, KEYS, DBSIZE) meets every key that is there
// once, and none that is not.
//
// When: at the end of every walk after the sweep, which has read what is there at level ALL. Walks
// read at ONE, so they are judged where all replicas are equal: where no fault has stayed.
//
// Not: keys with deadlines; keys of which a write has an unknown outcome, since it may take effect
// between sweep and walk; keys of no class, which the sweep does not read; walks beside writes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "sim/client/key_space.h"
#include "sim/core/key_index.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class Walks {
 public:
  // `whole`: no fault has stayed.
  void Completed(const OperationCompleted& operation, bool whole);
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  // The keys that the sweep has read and that nothing takes away behind it.
  [[nodiscard]] std::vector<Bytes> Found() const;
  // That were judged.
  [[nodiscard]] uint64_t walks() const { return walks_; }

 private:
  // Of what came before the sweep.
  void NoteDoubts(const OperationInvoked& operation, bool answered);
  void NotePresence(const Bytes& key, const resp::Reply& reply);
  void TakeScan(const OperationInvoked& scan, const resp::Reply& reply, EventId event);
  void Judge(std::string_view what, std::vector<Bytes> met, EventId event);
  void JudgeCount(int64_t count, EventId event);
  void Fail(std::string promised, std::string seen, EventId event);
  // Neither doubtful nor with a deadline.
  [[nodiscard]] bool Judged(const Bytes& key) const;

  std::set<KeyRef> doubtful_;
  bool others_ = false;                           // there may be keys of no class
  KeyIndex swept_;                                // what the sweep has read
  std::vector<bool> there_;                       // and whether it is there
  std::map<uint32_t, std::vector<Bytes>> scans_;  // by client, what its SCAN has met so far
  std::optional<Failure> failure_;
  uint64_t walks_ = 0;
};

}  // namespace quorate::sim
