// SPDX-License-Identifier: Apache-2.0
// The log in front of the checkpoint: a commit is one record appended to a preallocated segment,
// and one sync. Segments behind the checkpoint are recycled, so that most syncs are of blocks
// written before.
//
// Invariants:
//   1. durable <= last; every record up to `durable` was covered by a successful sync.
//   2. A segment is created, allocated, given its header and synced, and the one before it is
//   synced,
//      before its first record is written.
//   3. All segment files together hold at most bytes_max bytes (one larger record apart: see
//   Append).
//
// After an error other than Unavailable and ResourceExhausted the journal must not be used again:
// what is on the disk is not known any more. See journal_format.h for the bytes, journal_recovery.h
// for the start.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "adapters/storage/journal_recovery.h"
#include "adapters/storage/limits.h"

namespace quorate::storage {

// What the checkpoint holds at a start. Where its position is not durable yet (the disk is too full
// to make it so), records behind it are not replayed but their segments are kept until Cut.
struct Checkpointed {
  Sequence position;
  bool durable = true;
};

struct JournalOptions {
  std::string name = "store";
  uint64_t salt = 0;
  uint64_t segment_bytes = kSegmentBytes;
  uint64_t bytes_max = kJournalBytesMax;
  PlantedBug planted = PlantedBug::kNone;
};

class Journal {
 public:
  // Replays what follows the checkpoint and makes the journal ready for the next record. The first
  // segment is made by the first Append, so that a start changes nothing. Errors: as
  // RecoverJournal; InvalidArgument for limits that contradict each other. `files` must outlive the
  // journal.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(env::FileSystem& files,
                                                       const JournalOptions& options,
                                                       const Checkpointed& checkpoint,
                                                       const Replay& replay);

  // Appends one record; its sequence is `last()` afterwards. Errors: ResourceExhausted where
  // bytes_max is reached (cut the journal and try again; a record too large for an empty journal
  // never fits), Unavailable where the disk is full; in both cases nothing happened.
  absl::Status Append(std::string_view payload);
  // Makes everything appended durable.
  absl::Status Sync();
  // The same in three parts. Prepare says whether there is something to sync. Run may be called on
  // another thread while others append, but for an append that NeedsSegment: it is not covered by
  // the sync, and Finish takes note of what is.
  bool PrepareSync();
  absl::Status RunSync() { return current_->Sync(); }
  void FinishSync(const absl::Status& ran);
  // Whether Append of such a payload begins a segment, and whether there is room for that.
  [[nodiscard]] bool NeedsSegment(size_t payload_size) const;
  [[nodiscard]] bool HasRoomForSegment(size_t payload_size) const;
  // Gives up the segments whose records are all at or below `position`.
  absl::Status Cut(Sequence position);

  [[nodiscard]] Sequence last() const { return last_; }
  [[nodiscard]] Sequence durable() const { return durable_; }
  // Of the segments that are not cut yet; of the current one, the part in use.
  [[nodiscard]] uint64_t bytes() const;
  // Whether an empty journal could take a payload of this size.
  [[nodiscard]] bool Fits(size_t payload_size) const;
  [[nodiscard]] uint64_t recovered_records() const { return recovered_records_; }

 private:
  struct Segment {
    SegmentId id;
    Sequence first;
    uint64_t size = 0;
  };

  Journal(env::FileSystem& files, JournalOptions options)
      : files_(files), options_(std::move(options)) {}
  void TakeSegments(const JournalState& state, bool keep_all);
  absl::Status EraseTornTail(const JournalState& state);
  absl::Status WriteUnprovenAgain(const JournalState& state);
  void RetireCurrent();
  absl::Status StartSegment(uint64_t size);
  absl::Status CreateSegment(const Segment& segment);
  absl::Status RecycleSegment(const Segment& spare, const Segment& segment);
  absl::Status WriteHeader(const Segment& segment, const std::string& file);
  absl::Status RemoveSpare(size_t index);
  absl::Status TrimSpares();
  absl::Status WriteRecord();
  absl::Status Retract();
  uint64_t SegmentSizeFor(uint64_t record_bytes) const;
  uint64_t AllocatedBytes() const;

  env::FileSystem& files_;
  const JournalOptions options_;
  std::deque<Segment> live_;   // oldest first; the last is current where `current_` is set
  std::deque<Segment> spare_;  // none is needed
  std::unique_ptr<env::File> current_;
  uint64_t offset_ = 0;        // in the current segment: where the next record goes
  uint64_t filled_until_ = 0;  // blocks up to here were written since the file was made
  SegmentId id_max_;
  Sequence last_;
  Sequence durable_;
  Sequence syncing_;  // what a sync under way covers
  Sequence cut_;      // the highest position given to Cut
  uint64_t recovered_records_ = 0;
  Bytes buffer_;  // of one record, kept for its capacity
};

}  // namespace quorate::storage
