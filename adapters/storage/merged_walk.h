// SPDX-License-Identifier: Apache-2.0
// The rows of a range as a reader sees them: two dirty sets laid over the checkpoint.
#pragma once

#include <string_view>

#include "adapters/storage/checkpoint.h"
#include "adapters/storage/dirty_set.h"

namespace quorate::storage {

class MergedWalk {
 public:
  // The newest set first. All must outlive the walk and stay unchanged; so must the bounds.
  MergedWalk(DirtySet& active, DirtySet& frozen, Checkpoint& checkpoint, std::string_view begin,
             std::string_view end);
  MergedWalk(const MergedWalk&) = delete;
  MergedWalk& operator=(const MergedWalk&) = delete;
  ~MergedWalk() { checkpoint_.EndWalk(); }

  // The next row that exists, valid until the next call; false at the end.
  absl::StatusOr<bool> Next(std::string_view& key, std::string_view& value);

 private:
  struct Layer {
    DirtySet::Entries::const_iterator row;
    DirtySet::Entries::const_iterator end;
    [[nodiscard]] bool Done() const { return row == end; }
    [[nodiscard]] std::string_view key() const { return row->key(); }
  };
  static Layer LayerOf(DirtySet& set, std::string_view begin, std::string_view end);
  absl::Status AdvanceStored();

  Checkpoint& checkpoint_;
  Layer layers_[2];
  bool stored_ready_ = false;  // `stored_key_` holds a row not given yet
  bool stored_done_ = false;
  std::string_view stored_key_;
  std::string_view stored_value_;
};

}  // namespace quorate::storage
