// SPDX-License-Identifier: Apache-2.0
// The sections of INFO.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/node/shard.h"
#include "engine/node/shard_state.h"

namespace quorate::node {

// What INFO tells of one pool of the shard.
struct PoolInfo {
  const PoolOptions* options = nullptr;
  const topology::PoolSpec* spec = nullptr;
  size_t objects = 0;
  size_t deadlines = 0;
  size_t dead = 0;
  size_t bytes = 0;
};

// "field:value" lines of a section, in lower case; empty where there is no such section.
std::vector<std::string> InfoLines(std::string_view section, const ShardState& shard,
                                   const Shard::Stats& stats, const PoolInfo& pool,
                                   Instant started);

}  // namespace quorate::node
