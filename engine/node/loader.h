// SPDX-License-Identifier: Apache-2.0
// Reads the stored rows of every pool back into memory, one piece a tick; before them the ceilings
// of the shards' clocks. The world may still recover its storage then: the first answer takes so
// long. Two ranges are under way at a time: while the rows of one become objects, storage reads the
// next rows of the other.
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
  void Save(Bytes& out) const;
  // In place of Begin: what was asked for is under way.
  absl::Status Load(ByteReader& reader, std::vector<Source> sources);

 private:
  // begin <= key < end of a source, as far as it is not loaded.
  struct Range {
    size_t source = 0;
    Bytes begin;
    Bytes end;
    uint64_t token = 0;  // of the scan under way; 0: none yet
  };
  void Ask();
  absl::Status TakeLives(const env::ScanDone& scan);
  absl::Status TakeRows(const Source& source, const std::vector<env::Row>& rows);

  ShardState& shard_;
  env::Storage& storage_;
  std::vector<Source> sources_;
  std::vector<Range> ranges_;  // in order; the first kLoadsAtOnce are under way
  uint64_t token_ = 0;
  uint64_t rows_ = 0;
  bool done_ = false;
};

}  // namespace quorate::node
