// SPDX-License-Identifier: Apache-2.0
#include "engine/node/loader.h"

#include <utility>

#include "engine/node/limits.h"

namespace quorate::node {

void Loader::Begin(std::vector<Source> sources) {
  sources_ = std::move(sources);
  source_ = 0;
  NextSource();
}

void Loader::NextSource() {
  if (source_ == sources_.size()) {
    done_ = true;
    return;
  }
  next_ = sources_[source_].replica->keyspace().RowsBegin();
  Ask();
}

void Loader::Ask() {
  storage_.Scan({next_, sources_[source_].replica->keyspace().RowsEnd(), kLoadBytes},
                env::ReadToken{++token_});
}

absl::Status Loader::Take(const env::ScanDone& scan) {
  if (done_ || scan.token.value != token_) return absl::OkStatus();
  if (!scan.result.ok()) return scan.result.status();
  const Source& source = sources_[source_];
  // Rows of a pool without durability are those of its orderly end. They count once: after a crash
  // it is empty rather than old.
  const bool once = source.durability == env::Durability::kNone;
  for (const env::Row& row : scan.result->rows) {
    if (once) {
      shard_.tick.batch.Delete(row.key);
      shard_.tick.durability = env::Durability::kAlways;
      if (!shard_.options.record.clean_shutdown) continue;
    }
    QUORATE_RETURN_IF_ERROR(source.replica->keyspace().LoadRow(row.key, row.value));
  }
  rows_ += scan.result->rows.size();
  if (scan.result->complete || scan.result->rows.empty()) {
    ++source_;
    NextSource();
    return absl::OkStatus();
  }
  next_ = scan.result->rows.back().key;
  next_.push_back('\0');  // the smallest key behind it
  Ask();
  return absl::OkStatus();
}

}  // namespace quorate::node
