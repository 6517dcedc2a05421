// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/journal_recovery.h"

#include <algorithm>
#include <limits>

namespace quorate::storage {
namespace {

constexpr Sequence kNever{std::numeric_limits<uint64_t>::max()};

// One pass over the journal. `next_` is the sequence that is needed next: everything below it is
// replayed or in the checkpoint.
class Recovery {
 public:
  Recovery(env::FileSystem& files, const std::string& name, uint64_t salt, Sequence position,
           const Replay& replay, PlantedBug planted)
      : files_(files),
        name_(name),
        salt_(salt),
        planted_(planted),
        next_(position.Next()),
        replay_(replay) {}

  absl::StatusOr<JournalState> Run() {
    QUORATE_RETURN_IF_ERROR(FindSegments());
    for (size_t i = 0; i < found_.size(); ++i) QUORATE_RETURN_IF_ERROR(ReadSegment(i));
    state_.last = {next_.value - 1};
    return std::move(state_);
  }

 private:
  absl::Status FindSegments();
  absl::Status ReadHeader(SegmentId id, const std::string& file);
  absl::Status CheckHeaderless(SegmentId id, uint64_t size);
  absl::Status ReadSegment(size_t index);
  absl::Status ReadRecords(size_t index, std::string_view bytes);
  absl::Status ReplayRecord(const Record& record, SegmentId id, size_t offset);
  absl::Status JudgeDamage(size_t index, std::string_view bytes, size_t offset);
  absl::StatusOr<std::string_view> ReadFile(SegmentId id);
  absl::Status Lost(SegmentId id, size_t offset, std::string_view evidence) const;

  // The offset of the next valid record of this segment at or after `offset` with at least
  // `sequence`.
  std::optional<size_t> FindRecord(SegmentId id, std::string_view bytes, size_t offset,
                                   Sequence sequence) const;
  SegmentKey KeyOf(SegmentId id) const { return {.id = id, .salt = salt_, .planted = planted_}; }
  // The first sequence that is not in this segment any more.
  Sequence EndOf(size_t index) const {
    return index + 1 < found_.size() ? found_[index + 1].first : kNever;
  }

  env::FileSystem& files_;
  const std::string& name_;
  const uint64_t salt_;
  const PlantedBug planted_;
  Sequence next_;
  const Replay& replay_;
  std::vector<FoundSegment> found_;
  JournalState state_;
  // Kept from segment to segment and from record to record: fresh memory would cost as much as
  // what is read into it.
  Bytes file_;
  env::WriteBatch batch_;
};

absl::Status Recovery::FindSegments() {
  QUORATE_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List());
  for (const std::string& file : names) {
    if (const auto id = ParseSegmentFileName(name_, file))
      QUORATE_RETURN_IF_ERROR(ReadHeader(*id, file));
  }
  for (size_t i = 1; i < found_.size(); ++i) {
    if (found_[i].first >= found_[i - 1].first) continue;
    return DataLoss(Format("journal %s: segment starts at sequence %d, below the one before it",
                           SegmentFileName(name_, found_[i].id), found_[i].first.value));
  }
  return absl::OkStatus();
}

absl::Status Recovery::ReadHeader(SegmentId id, const std::string& file) {
  state_.id_max = std::max(state_.id_max, id);
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<env::File> open, files_.Open(file, false));
  QUORATE_ASSIGN_OR_RETURN(const uint64_t size, open->Size());
  Bytes bytes;
  QUORATE_RETURN_IF_ERROR(open->Read(0, kSegmentHeaderBytes, bytes));
  const DecodedHeader decoded = DecodeSegmentHeader(bytes);
  if (decoded.state == HeaderState::kOtherVersion) {
    return FailedPrecondition(
        Format("journal %s has format %d, this release reads %d: start the release that wrote it",
               file, decoded.version, kJournalVersion));
  }
  if (decoded.state == HeaderState::kValid) {
    // A file is recycled in two steps, the header and then the name; a crash may have come in
    // between.
    state_.id_max = std::max(state_.id_max, decoded.header.id);
    if (decoded.header.id == id) {
      found_.push_back({.id = id, .first = decoded.header.first, .size = size});
      return absl::OkStatus();
    }
  }
  return CheckHeaderless(id, size);
}

// A segment whose header does not say that it is this one was never put to use, unless it holds
// records that do: then its header was damaged later.
absl::Status Recovery::CheckHeaderless(SegmentId id, uint64_t size) {
  QUORATE_ASSIGN_OR_RETURN(const std::string_view bytes, ReadFile(id));
  if (FindRecord(id, bytes, 0, next_)) {
    return Lost(id, 0, "the segment's header is damaged, and records behind it are valid");
  }
  state_.spare.push_back({.id = id, .first = {}, .size = size});
  return absl::OkStatus();
}

// Valid until the next call.
absl::StatusOr<std::string_view> Recovery::ReadFile(SegmentId id) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file,
                           files_.Open(SegmentFileName(name_, id), false));
  QUORATE_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  QUORATE_RETURN_IF_ERROR(file->Read(0, static_cast<size_t>(size), file_));
  return std::string_view(file_);
}

absl::Status Recovery::ReadSegment(size_t index) {
  const FoundSegment& segment = found_[index];
  if (segment.first > next_) {
    return Lost(segment.id, 0, "the segment's header says that all records before it were durable");
  }
  if (EndOf(index) <= next_) {
    state_.spare.push_back(segment);
    return absl::OkStatus();
  }
  const Sequence before = next_;
  QUORATE_ASSIGN_OR_RETURN(const std::string_view bytes, ReadFile(segment.id));
  QUORATE_RETURN_IF_ERROR(ReadRecords(index, bytes));
  (next_ > before ? state_.live : state_.spare).push_back(segment);
  return absl::OkStatus();
}

absl::Status Recovery::ReadRecords(size_t index, std::string_view bytes) {
  const SegmentId id = found_[index].id;
  const Sequence end = EndOf(index);
  size_t offset = std::min(kSegmentHeaderBytes, bytes.size());
  Sequence here = found_[index].first;
  state_.unproven_begin = state_.unproven_end = offset;
  while (here < end) {
    std::optional<Record> record = ParseRecord(KeyOf(id), bytes.substr(offset));
    if (!record || record->sequence != here) {
      // Records that the checkpoint holds may be damaged: go on at the first one that is needed.
      const auto found = here < next_ ? FindRecord(id, bytes, offset, here) : std::nullopt;
      if (found) record = ParseRecord(KeyOf(id), bytes.substr(*found));
      if (!found || record->sequence > next_ || record->sequence >= end) {
        return JudgeDamage(index, bytes, offset);
      }
      offset = *found;
      here = record->sequence;
    }
    if (record->durable.Next() >= here) state_.unproven_begin = offset;
    if (here == next_) QUORATE_RETURN_IF_ERROR(ReplayRecord(*record, id, offset));
    offset += record->size();
    state_.unproven_end = offset;
    here = here.Next();
  }
  return absl::OkStatus();
}

absl::Status Recovery::ReplayRecord(const Record& record, SegmentId id, size_t offset) {
  if (!batch_.Assign(record.payload).ok())
    return Lost(id, offset, "the record's checksum is right, its content is no batch");
  QUORATE_RETURN_IF_ERROR(replay_(record.sequence, batch_));
  ++state_.records;
  next_ = next_.Next();
  return absl::OkStatus();
}

// `next_` is not at `offset`. Either something later proves that it was durable, or the journal
// ends here.
absl::Status Recovery::JudgeDamage(size_t index, std::string_view bytes, size_t offset) {
  const SegmentId id = found_[index].id;
  if (index + 1 < found_.size()) {
    return Lost(id, offset, "the next segment's header says that it was durable");
  }
  auto found = FindRecord(id, bytes, offset, next_);
  while (found) {
    const std::optional<Record> record = ParseRecord(KeyOf(id), bytes.substr(*found));
    if (record->durable >= next_) {
      return Lost(id, offset,
                  Format("sequence %d at offset %d says that it was durable",
                         record->sequence.value, *found));
    }
    ++state_.cut_records;
    found = FindRecord(id, bytes, *found + record->size(), next_);
  }
  state_.cut_segment = id;
  state_.cut_offset = offset;
  return absl::OkStatus();
}

std::optional<size_t> Recovery::FindRecord(SegmentId id, std::string_view bytes, size_t offset,
                                           Sequence sequence) const {
  for (size_t at = bytes.find(kRecordMagic, offset); at != std::string_view::npos;
       at = bytes.find(kRecordMagic, at + 1)) {
    const std::optional<Record> record = ParseRecord(KeyOf(id), bytes.substr(at));
    if (record && record->sequence >= sequence) return at;
  }
  return std::nullopt;
}

absl::Status Recovery::Lost(SegmentId id, size_t offset, std::string_view evidence) const {
  return DataLoss(Format("journal %s, offset %d: sequence %d is missing or damaged; %s",
                         SegmentFileName(name_, id), offset, next_.value, evidence));
}

}  // namespace

absl::StatusOr<JournalState> RecoverJournal(env::FileSystem& files, const std::string& name,
                                            uint64_t salt, Sequence position, const Replay& replay,
                                            PlantedBug planted) {
  return Recovery(files, name, salt, position, replay, planted).Run();
}

}  // namespace quorate::storage
