// SPDX-License-Identifier: Apache-2.0
// Hash tags: a part of the key, between two marks, that is hashed in place of the whole, so that
// keys with the same tag live together.
//
// Two rules exist and differ for the empty tag. Redis Cluster ("{}") ignores it: "a{}b" is hashed
// whole. Dynomite takes what its configured marks enclose, even nothing: with the marks "[]" all
// keys like "a[]b" are hashed as the empty string. A mark that never closes is ignored by both. The
// text
// "{}" means the rule of Redis Cluster.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace quorate::hash {

struct HashTag {
  enum class Rule : uint8_t { kNone = 0, kRedisCluster = 1, kDynomite = 2 };

  Rule rule = Rule::kNone;
  char open = 0;
  char close = 0;

  static constexpr HashTag None() { return {}; }
  static constexpr HashTag RedisCluster() { return {Rule::kRedisCluster, '{', '}'}; }
  static constexpr HashTag Dynomite(char open, char close) {
    return {Rule::kDynomite, open, close};
  }
  friend bool operator==(const HashTag&, const HashTag&) = default;
};

// The part of `key` that is hashed: a view into it.
[[nodiscard]] std::string_view HashedPart(std::string_view key, HashTag tag);

// Nothing, or two characters. InvalidArgument for other lengths.
[[nodiscard]] absl::StatusOr<HashTag> ParseHashTag(std::string_view text);
[[nodiscard]] std::string NameOf(HashTag tag);

}  // namespace quorate::hash
