// SPDX-License-Identifier: Apache-2.0
#include "sim/core/fetch_ahead.h"

#include <algorithm>

namespace quorate::sim {

// In order, so that a line which several parts share is fetched once.
FetchList::FetchList(const Footprint& footprint) {
  std::vector<uintptr_t> lines;
  for (const Footprint::Part part : footprint.parts()) {
    const auto begin = reinterpret_cast<uintptr_t>(part.data());
    for (uintptr_t line = begin & ~kCountMask; line < begin + part.size(); line += kCacheLine) {
      lines.push_back(line);
    }
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  for (const uintptr_t line : lines) {
    const uintptr_t count = runs_.empty() ? 0 : runs_.back() & kCountMask;
    if (count > 0 && count < kCountMask &&
        (runs_.back() & ~kCountMask) + count * kCacheLine == line) {
      ++runs_.back();
    } else {
      runs_.push_back(line | 1);
    }
  }
}

}  // namespace quorate::sim
