// SPDX-License-Identifier: Apache-2.0
// What Shard::BeginSnapshot and StepSnapshot write, put together.
//
//   frame   number of pools; of each its id, where its keys belong in the state, and how many there
//           are; then the state, as of Save, of a shard that holds none
//   pieces  objects, each once, in no order (Keyspace::BeginSnapshot)
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/ids.h"
#include "engine/base/status.h"

namespace quorate::node {

// Of a pool.
struct SnapshotKeys {
  PoolId pool;
  size_t at = 0;  // in the state
  size_t objects = 0;
};

void PutSnapshotFrame(Bytes& out, const std::vector<SnapshotKeys>& keys, std::string_view state);

// Byte for byte what Shard::Save would have given when the snapshot began. Errors: DataLoss where
// the bytes make no sense, or an object is missing or there twice.
absl::StatusOr<Bytes> JoinSnapshot(std::string_view frame,
                                   const std::vector<std::string_view>& pieces);

}  // namespace quorate::node
