// SPDX-License-Identifier: Apache-2.0
// Keeps the commits of a shard in order when a full disk refuses one: those behind it are refused
// untried, until the shard submits the refused one again (env::Storage::Commit).
#pragma once

#include <cstdint>
#include <map>

#include "engine/env/storage.h"

namespace quorate::sim {

class CommitOrder {
 public:
  // True where a commit before this one was refused and has not come again.
  [[nodiscard]] bool Refuses(uint16_t shard, env::CommitToken token) const {
    const auto at = refused_.find(shard);
    return at != refused_.end() && token > at->second;
  }
  [[nodiscard]] static absl::Status Refusal() {
    return Unavailable("an earlier commit found no room");
  }
  // What became of a commit that was tried.
  void Note(uint16_t shard, env::CommitToken token, const absl::Status& status) {
    if (absl::IsUnavailable(status)) {
      refused_[shard] = token;
    } else {
      refused_.erase(shard);
    }
  }
  void Clear() { refused_.clear(); }

 private:
  std::map<uint16_t, env::CommitToken> refused_;
};

}  // namespace quorate::sim
