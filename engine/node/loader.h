// SPDX-License-Identifier: Apache-2.0
// Reads the stored rows of every pool back into memory, one piece a tick.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/env/storage.h"
#include "engine/node/replica.h"
#include "engine/node/shard_state.h"

namespace quorate::node {

class Loader {
 public:
  Loader(ShardState& shard, env::Storage& storage) : shard_(shard), storage_(storage) {}

  struct Source {
    Replica* replica = nullptr;
    env::Durability durability = env::Durability::kAlways;
  };
  void Begin(std::vector<Source> sources);
  // Not ok: the data directory is damaged or of another pool; the shard does not start.
  absl::Status Take(const env::ScanDone& scan);
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] uint64_t rows() const { return rows_; }

 private:
  void Ask();
  void NextSource();

  ShardState& shard_;
  env::Storage& storage_;
  std::vector<Source> sources_;
  size_t source_ = 0;
  Bytes next_;
  uint64_t token_ = 0;
  uint64_t rows_ = 0;
  bool done_ = false;
};

}  // namespace quorate::node
