// SPDX-License-Identifier: Apache-2.0
// Whose memory it is. What takes memory says for which part of the world it works; an allocator
// that knows of parts (tool/program/memory.h) counts what each has taken. Parts share no memory
// then, which costs a run some 3 %, so it is done where somebody wants to know. Nothing of it ever
// reaches a run's results.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quorate::sim {

enum class MemoryPart : uint8_t {
  kWorld,      // agenda, network, nodes, and what no other part is
  kEngine,     // shards, sessions, messages
  kStorage,    // the disks of the nodes
  kClients,    // and their connections
  kObservers,  // oracles and traces
};
inline constexpr size_t kMemoryParts = 5;
[[nodiscard]] std::string_view NameOf(MemoryPart part);

// Bytes by part: the most that each has held. All 0 where no allocator counts.
using MemoryUse = std::array<uint64_t, kMemoryParts>;

namespace internal {
// Of one thread: worlds in several do not share memory.
extern constinit thread_local MemoryPart memory_part;
extern constinit thread_local MemoryUse memory_use;
extern constinit thread_local bool parts_counted;
}  // namespace internal

// From now on, and until then all is the world's.
inline void CountMemoryParts() { internal::parts_counted = true; }

[[nodiscard]] inline MemoryPart CurrentMemoryPart() { return internal::memory_part; }
[[nodiscard]] inline const MemoryUse& CurrentMemoryUse() { return internal::memory_use; }

// What is allocated while this lives is of the part.
class MemoryOf {
 public:
  explicit MemoryOf(MemoryPart part) : before_(internal::memory_part) {
    if (internal::parts_counted) internal::memory_part = part;
  }
  ~MemoryOf() { internal::memory_part = before_; }
  MemoryOf(const MemoryOf&) = delete;
  MemoryOf& operator=(const MemoryOf&) = delete;

 private:
  const MemoryPart before_;
};

}  // namespace quorate::sim
