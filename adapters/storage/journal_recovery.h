// SPDX-License-Identifier: Apache-2.0
// Reads a journal after a start: which records follow the checkpoint, where the journal ends, and
// whether anything that was durable is missing.
//
// The rule: records are read in sequence. At the first place where the next one is missing or
// damaged, every later valid record and segment header is asked what it knew to be durable. If one
// of them names the missing record, that is data loss, and the error says which file, offset and
// sequence. If none does, the rest was never acknowledged as durable: it is a torn tail and is cut.
// Damage to records that the checkpoint already holds does no harm.
#pragma once

#include <functional>
#include <vector>

#include "adapters/storage/journal_format.h"
#include "engine/env/file_system.h"
#include "engine/env/storage.h"

namespace quorate::storage {

struct FoundSegment {
  SegmentId id;
  Sequence first;
  uint64_t size = 0;
};

struct JournalState {
  // In order; the last record of each is followed by the first of the next. All are needed.
  std::vector<FoundSegment> live;
  // Hold nothing that is needed: to be reused or removed.
  std::vector<FoundSegment> spare;
  Sequence last;             // of the journal, or the checkpoint's position where that is higher
  SegmentId id_max;          // no segment with a higher id was ever used
  uint64_t records = 0;      // replayed
  uint64_t cut_records = 0;  // whole ones behind a torn one
  // Where there are any: they must be erased before the journal is used again, since their
  // sequences will be given to other records.
  SegmentId cut_segment;
  uint64_t cut_offset = 0;
  // The part of the last live segment whose records nothing later vouches for. They may be in the
  // kernel's cache alone, even behind a sync that failed: they must be written again before they
  // count as durable.
  uint64_t unproven_begin = 0;
  uint64_t unproven_end = 0;
};

using Replay = std::function<absl::Status(Sequence, const env::WriteBatch&)>;

// Calls `replay` for each record after `position`, in order. Errors: DataLoss as above;
// FailedPrecondition for a journal of another version; what the file system or `replay` returns.
absl::StatusOr<JournalState> RecoverJournal(env::FileSystem& files, const std::string& name,
                                            uint64_t salt, Sequence position, const Replay& replay,
                                            PlantedBug planted = PlantedBug::kNone);

}  // namespace quorate::storage
