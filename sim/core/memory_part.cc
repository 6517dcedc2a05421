// SPDX-License-Identifier: Apache-2.0
#include "sim/core/memory_part.h"

namespace quorate::sim {

namespace internal {
constinit thread_local MemoryPart memory_part = MemoryPart::kWorld;
constinit thread_local MemoryUse memory_use{};
constinit thread_local bool parts_counted = false;
}  // namespace internal

std::string_view NameOf(MemoryPart part) {
  constexpr std::array<std::string_view, kMemoryParts> kNames = {"world", "engine", "storage",
                                                                 "clients", "observers"};
  return kNames[static_cast<size_t>(part)];
}

}  // namespace quorate::sim
