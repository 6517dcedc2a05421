// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/merged_walk.h"

namespace quorate::storage {

MergedWalk::MergedWalk(DirtySet& active, DirtySet& frozen, Checkpoint& checkpoint,
                       std::string_view begin, std::string_view end)
    : checkpoint_(checkpoint), layers_{LayerOf(active, begin, end), LayerOf(frozen, begin, end)} {
  checkpoint_.Walk(begin, end);
  stored_done_ = !end.empty() && begin >= end;
}

MergedWalk::Layer MergedWalk::LayerOf(DirtySet& set, std::string_view begin, std::string_view end) {
  const DirtySet::Entries& rows = set.Sorted();
  if (!end.empty() && begin >= end) return {.row = rows.end(), .end = rows.end()};
  return {.row = DirtySet::LowerBound(rows, begin),
          .end = end.empty() ? rows.end() : DirtySet::LowerBound(rows, end)};
}

absl::Status MergedWalk::AdvanceStored() {
  if (stored_ready_ || stored_done_) return absl::OkStatus();
  QUORATE_ASSIGN_OR_RETURN(stored_ready_, checkpoint_.Next(stored_key_, stored_value_));
  stored_done_ = !stored_ready_;
  return absl::OkStatus();
}

absl::StatusOr<bool> MergedWalk::Next(std::string_view& key, std::string_view& value) {
  while (true) {
    QUORATE_RETURN_IF_ERROR(AdvanceStored());
    const Layer* first = nullptr;  // the newest of those with the least key
    for (const Layer& layer : layers_) {
      if (!layer.Done() && (first == nullptr || layer.key() < first->key())) first = &layer;
    }
    if (stored_ready_ && (first == nullptr || stored_key_ < first->key())) {
      key = stored_key_;
      value = stored_value_;
      stored_ready_ = false;
      return true;
    }
    if (first == nullptr) return false;
    const DirtyRow& row = *first->row->row;
    key = row.key();
    if (stored_ready_ && stored_key_ == key) stored_ready_ = false;
    for (Layer& layer : layers_) {
      if (!layer.Done() && layer.key() == key) ++layer.row;
    }
    if (row.deleted()) continue;
    value = row.value();
    return true;
  }
}

}  // namespace quorate::storage
