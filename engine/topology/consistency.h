// SPDX-License-Identifier: Apache-2.0
// The consistency levels of dynamo pools. What each promises is the table in
// engine/dynamo/README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quorate::topology {

enum class Consistency : uint8_t {
  kAny,
  kOne,
  kQuorum,
  kAll,
  kLocalOne,
  kLocalQuorum,
  kEachQuorum,
  // Dynomite's names.
  kDcOne,             // as kLocalOne
  kDcQuorum,          // as kLocalQuorum
  kDcSafeQuorum,      // a local quorum that agrees, or is repaired first
  kDcEachSafeQuorum,  // the same in every data centre
};
inline constexpr int kConsistencyLevels = 11;

// Upper or lower case; nothing where it is no level.
[[nodiscard]] std::optional<Consistency> ParseConsistency(std::string_view name);
[[nodiscard]] std::string_view NameOf(Consistency level);

// Levels that a connection or a command sets in place of the pool's.
struct ConsistencyOverride {
  std::optional<Consistency> read;
  std::optional<Consistency> write;
  friend bool operator==(const ConsistencyOverride&, const ConsistencyOverride&) = default;
};

}  // namespace quorate::topology
