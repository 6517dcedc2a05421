// SPDX-License-Identifier: Apache-2.0
#include "io/log/rate_limit.h"

#include "io/log/limits.h"

namespace quorate::io {
namespace {

std::string KindOf(std::string_view source, std::string_view text) {
  std::string kind;
  const auto add = [&](std::string_view part) {
    for (const char c : part) {
      if (kind.size() >= kLogKindBytesMax) return;
      if (c < '0' || c > '9') kind += c;
    }
  };
  add(source);
  kind += '\n';
  add(text);
  return kind;
}

}  // namespace

RateLimit::Verdict RateLimit::Count(std::string_view source, std::string_view text, Instant now) {
  std::string name = KindOf(source, text);
  auto found = kinds_.find(name);
  if (found == kinds_.end()) {
    // Where too many kinds are known, the new ones share a last one.
    if (kinds_.size() >= kLogKindsMax) name.clear();
    found = kinds_.emplace(std::move(name), Kind{now, 0, 0}).first;
  }
  Kind& kind = found->second;
  Verdict verdict;
  if (now - kind.period_began >= kLogPeriod) {
    verdict.dropped = kind.dropped;
    kind = Kind{now, 0, 0};
  }
  verdict.write = kind.written < kLogBurst;
  ++(verdict.write ? kind.written : kind.dropped);
  return verdict;
}

uint64_t RateLimit::TakeStale(Instant now) {
  uint64_t dropped = 0;
  for (auto kind = kinds_.begin(); kind != kinds_.end();) {
    if (now - kind->second.period_began >= kLogPeriod) {
      dropped += kind->second.dropped;
      kind = kinds_.erase(kind);
    } else {
      ++kind;
    }
  }
  return dropped;
}

}  // namespace quorate::io
