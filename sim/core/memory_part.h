// SPDX-License-Identifier: Apache-2.0
// Whose memory it is. Where somebody wants to know, what takes memory says for which part of the
// world it works, and the program's allocator (tool/program/memory.h) counts what each has taken.
// Parts share no memory then, which costs a run some 3 %. Nothing of it ever reaches a run's
// results.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace quorate::sim {

enum class MemoryPart : uint8_t {
  kWorld,      // agenda, network, nodes, and what no other part is
  kEngine,     // shards, sessions, messages
  kStorage,    // the disks of the nodes
  kClients,    // and their connections
  kObservers,  // oracles and traces
};
inline constexpr size_t kMemoryParts = 5;
inline constexpr std::array<std::string_view, kMemoryParts> kMemoryPartNames = {
    "world", "engine", "storage", "clients", "observers"};

struct MemoryMeter {
  MemoryPart part = MemoryPart::kWorld;            // that works now
  std::array<uint64_t, kMemoryParts> bytes_max{};  // the most that each has held
};

// What is allocated while this lives is of the part. `meter` may be null: nobody counts.
class MemoryOf {
 public:
  MemoryOf(MemoryMeter* meter, MemoryPart part) : meter_(meter) {
    if (meter_ != nullptr) before_ = std::exchange(meter_->part, part);
  }
  ~MemoryOf() {
    if (meter_ != nullptr) meter_->part = before_;
  }
  MemoryOf(const MemoryOf&) = delete;
  MemoryOf& operator=(const MemoryOf&) = delete;

 private:
  MemoryMeter* const meter_;
  MemoryPart before_ = MemoryPart::kWorld;
};

}  // namespace quorate::sim
