// SPDX-License-Identifier: Apache-2.0
// Every bound of this folder, with its name. The ones an operator or the simulator may change are
// the defaults of JournaledOptions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::storage {

// Journal. A segment is reserved whole before its first record, so that commits do not allocate.
inline constexpr uint64_t kSegmentBytes = uint64_t{64} << 20;
inline constexpr uint64_t kSegmentBytesMin = uint64_t{4} << 10;
inline constexpr uint64_t kJournalBytesMax = uint64_t{1} << 30;
// A new segment is written with zeros this far ahead of its records: a sync over blocks that were
// written before is a third cheaper than one that must also convert reserved blocks.
inline constexpr uint64_t kZeroAheadBytes = uint64_t{256} << 10;
// Segments kept for reuse behind the checkpoint; more are removed.
inline constexpr size_t kSpareSegmentsMax = 4;

// Dirty set, in logical bytes: keys, values and this much for the bookkeeping of each row (its
// header, and its share of the index).
inline constexpr uint64_t kDirtyBytesMax = uint64_t{256} << 20;
inline constexpr uint64_t kDirtyRowOverhead = 80;
// Rows lie in blocks of these sizes, each twice as large as the one before; a larger value has an
// allocation of its own.
inline constexpr size_t kDirtyBlockBytesMin = size_t{4} << 10;
inline constexpr size_t kDirtyBlockBytesMax = size_t{1} << 20;
inline constexpr size_t kDirtyValueInsideMax = 1024;

// One step of the sweep: at most this many rows, and no further row once this many bytes were
// moved.
inline constexpr uint64_t kSweepRowsMax = 1024;
inline constexpr uint64_t kSweepBytesMax = uint64_t{4} << 20;
// A sweep starts when the journal or the dirty set is this share of its limit, and commits help
// with it where the journal reaches the second share, or where the new dirty set has filled the
// third share of what the frozen one left it, and of the rest more than is swept. Early sweeps
// waste pages (fewer rows on each), late ones make writers wait.
inline constexpr uint64_t kSweepStartPercent = 50;
inline constexpr uint64_t kSweepAssistPercent = 75;
// So many rows for each of its own does a commit sweep then, and a step at least.
inline constexpr uint64_t kSweepLeadPercent = 25;
inline constexpr uint64_t kSweepAssistRows = 2;
static_assert(kSweepStartPercent < kSweepAssistPercent && kSweepAssistPercent < 100);

// SQLite. The write-ahead log is copied into the database file once it holds this many pages.
inline constexpr uint64_t kPageBytes = 4096;
inline constexpr uint64_t kPageCacheBytes = uint64_t{8} << 20;
inline constexpr uint64_t kWalPagesMax = 2048;
// SQLite's own bound on one value (SQLITE_MAX_LENGTH), less what a row adds.
inline constexpr uint64_t kRowBytesMax = 1'000'000'000 - 1024;

// Backup. A block is closed once it holds this many bytes; a reader refuses a longer one unless it
// holds a single row.
inline constexpr uint64_t kBackupBlockBytes = uint64_t{1} << 20;
inline constexpr uint64_t kBackupBlockBytesMax = kBackupBlockBytes + kRowBytesMax + 64;
inline constexpr uint64_t kCopyBytesMax = uint64_t{1} << 20;  // of one scan or batch of a copy

static_assert(kJournalBytesMax >= 2 * kSegmentBytes,
              "one segment is cut while the other is written");
static_assert(kSegmentBytes >= kSegmentBytesMin);

}  // namespace quorate::storage
