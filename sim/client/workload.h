// SPDX-License-Identifier: Apache-2.0
// What clients ask for: the k-th operation of a client is a function of (seed, client, k). Values
// that are written are unique, so a value that is read tells which write it came from.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/client/key_space.h"
#include "sim/core/draw_epochs.h"

namespace quorate::sim {

enum class OperationKind : uint8_t {
  kGet,
  kSet,
  kDelete,
  kMultiGet,
  kMultiSet,
  kGetDelete,
  kSetIfAbsent,
  kCounterGet,
  kIncrement,
  kIncrementBy,
  kDecrement,
  kCounterDelete,
  kHashGet,
  kHashMultiGet,
  kHashGetAll,
  kHashSet,
  kHashDelete,
  kHashIncrement,
  kExpiringGet,
  kExpiringSet,
  kSetWithDeadline,
  kExpire,
  kPersist,
  kMove,              // RENAME, RENAMENX and COPY among keys of their own, and SET and GET of them
  kJoin,              // LCS and EXISTS: one reply of what several keys hold
  kMultiDelete,       // DEL and UNLINK of several keys
  kMultiSetIfAbsent,  // MSETNX among keys of their own, and SET, GET and DEL of them
  kBitOperation,      // BITOP among keys of their own, and SET, GET and DEL of them
  kLone,              // whatever commands of one key there are, of keys that nobody else uses
};
inline constexpr size_t kOperationKinds = 29;

struct WorkloadConfig {
  std::array<uint32_t, kOperationKinds> weights{};
  uint32_t keys = 1000;  // of each class
  // The first operations of a client write keys that nobody else writes so; after that many by
  // each of its clients a cluster holds as many keys, and what comes then meets them.
  uint32_t fill_per_client = 0;
  uint32_t hot_keys = 8;
  uint32_t hot_ppm = 200'000;  // of accesses that go to one of them
  uint32_t hash_fields = 8;
  uint32_t value_bytes_max = 128;
  uint32_t deadline_ms_max = 20'000;
};

// One command, and what it may write.
struct Operation {
  std::vector<Bytes> command;
  std::vector<KeyRef> writes;
};

class Workload {
 public:
  // Requires: some weight is not 0. `clients` share the filling.
  Workload(DrawSeed seed, const WorkloadConfig& config, uint32_t clients);
  [[nodiscard]] Operation Next(uint32_t client, uint64_t number) const;

 private:
  const DrawSeed seed_;
  const WorkloadConfig config_;
  const uint32_t clients_;
  uint64_t total_weight_ = 0;
};

}  // namespace quorate::sim
