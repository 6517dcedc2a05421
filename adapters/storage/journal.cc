// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/journal.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace quorate::storage {
namespace {

uint64_t RoundUp(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

absl::Status Check(const JournalOptions& options) {
  if (options.segment_bytes < kSegmentBytesMin) {
    return InvalidArgument(Format("journal: segments of %d bytes are below the least, %d",
                                  options.segment_bytes, kSegmentBytesMin));
  }
  if (options.bytes_max / 2 < options.segment_bytes) {
    return InvalidArgument(Format("journal: a limit of %d bytes does not hold two segments of %d",
                                  options.bytes_max, options.segment_bytes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(env::FileSystem& files,
                                                       const JournalOptions& options,
                                                       const Checkpointed& checkpoint,
                                                       const Replay& replay) {
  QUORATE_RETURN_IF_ERROR(Check(options));
  QUORATE_ASSIGN_OR_RETURN(const JournalState state,
                           RecoverJournal(files, options.name, options.salt, checkpoint.position,
                                          replay, options.planted));
  std::unique_ptr<Journal> journal(new Journal(files, options));
  QUORATE_RETURN_IF_ERROR(journal->EraseTornTail(state));
  journal->TakeSegments(state, !checkpoint.durable);
  journal->id_max_ = state.id_max;
  journal->last_ = state.last;
  if (checkpoint.durable) journal->cut_ = checkpoint.position;
  if (!QUORATE_PLANTED(options.planted, kTrustReplayed)) {
    QUORATE_RETURN_IF_ERROR(journal->WriteUnprovenAgain(state));
  }
  journal->durable_ = state.last;
  journal->recovered_records_ = state.records;
  QUORATE_RETURN_IF_ERROR(journal->TrimSpares());
  return journal;
}

void Journal::TakeSegments(const JournalState& state, bool keep_all) {
  const auto segment_of = [](const FoundSegment& found) {
    return Segment{.id = found.id, .first = found.first, .size = found.size};
  };
  for (const FoundSegment& found : state.live) live_.push_back(segment_of(found));
  for (const FoundSegment& found : state.spare) {
    // One without a first sequence was never put to use.
    const bool keep = keep_all && found.first > Sequence();
    (keep ? live_ : spare_).push_back(segment_of(found));
  }
  std::sort(live_.begin(), live_.end(),
            [](const Segment& a, const Segment& b) { return a.id < b.id; });
}

absl::Status Journal::EraseTornTail(const JournalState& state) {
  if (state.cut_records == 0) return absl::OkStatus();
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file,
                           files_.Open(SegmentFileName(options_.name, state.cut_segment), false));
  QUORATE_RETURN_IF_ERROR(file->Truncate(state.cut_offset));
  return file->Sync();
}

absl::Status Journal::WriteUnprovenAgain(const JournalState& state) {
  if (state.live.empty() || state.unproven_begin == state.unproven_end) return absl::OkStatus();
  QUORATE_ASSIGN_OR_RETURN(
      const std::unique_ptr<env::File> file,
      files_.Open(SegmentFileName(options_.name, state.live.back().id), false));
  Bytes bytes;
  QUORATE_RETURN_IF_ERROR(file->Read(
      state.unproven_begin, static_cast<size_t>(state.unproven_end - state.unproven_begin), bytes));
  QUORATE_RETURN_IF_ERROR(file->Write(state.unproven_begin, bytes));
  return file->Sync();
}

uint64_t Journal::SegmentSizeFor(uint64_t record_bytes) const {
  return std::max(options_.segment_bytes,
                  RoundUp(kSegmentHeaderBytes + record_bytes, kSegmentBytesMin));
}

bool Journal::Fits(size_t payload_size) const {
  return payload_size <= std::numeric_limits<uint32_t>::max() &&
         SegmentSizeFor(kRecordHeaderBytes + payload_size) <= options_.bytes_max;
}

uint64_t Journal::AllocatedBytes() const {
  uint64_t bytes = 0;
  for (const Segment& segment : live_) bytes += segment.size;
  for (const Segment& segment : spare_) bytes += segment.size;
  return bytes;
}

uint64_t Journal::bytes() const {
  uint64_t bytes = 0;
  for (const Segment& segment : live_) bytes += segment.size;
  return current_ == nullptr ? bytes : bytes - live_.back().size + offset_;
}

absl::Status Journal::Append(std::string_view payload) {
  const uint64_t size = kRecordHeaderBytes + payload.size();
  if (!Fits(payload.size())) {
    return ResourceExhausted(
        Format("journal: a record of %d bytes is above the limit of %d", size, options_.bytes_max));
  }
  // Out of reach of honest writing, but not of a file that something else wrote.
  constexpr uint64_t kHighest = std::numeric_limits<uint64_t>::max();
  if (last_.Next().value == kHighest || id_max_.value == kHighest) {
    return DataLoss(Format("journal %s: sequences or segment ids are used up", options_.name));
  }
  if (NeedsSegment(payload.size())) {
    QUORATE_RETURN_IF_ERROR(StartSegment(SegmentSizeFor(size)));
  }
  buffer_.clear();
  AppendRecord({.id = live_.back().id, .salt = options_.salt, .planted = PlantedBug::kNone},
               {.sequence = last_.Next(), .durable = durable_, .payload = payload}, buffer_);
  QUORATE_RETURN_IF_ERROR(WriteRecord());
  last_ = last_.Next();
  return absl::OkStatus();
}

absl::Status Journal::WriteRecord() {
  const uint64_t size = buffer_.size();
  const uint64_t end = offset_ + size;
  uint64_t filled = filled_until_;
  if (end > filled) {
    filled = std::min(RoundUp(end, kZeroAheadBytes), live_.back().size);
    buffer_.resize(static_cast<size_t>(filled - offset_));
  }
  const absl::Status status = current_->Write(offset_, buffer_);
  if (absl::IsUnavailable(status)) QUORATE_RETURN_IF_ERROR(Retract());
  QUORATE_RETURN_IF_ERROR(status);
  filled_until_ = filled;
  offset_ = end;
  return absl::OkStatus();
}

// The write was refused, yet part of it, or all, may be in the file: no start may find it there.
absl::Status Journal::Retract() {
  const absl::Status written = current_->Write(offset_, Bytes(kRecordHeaderBytes, '\0'));
  if (!written.ok())
    return Internal("journal: cannot take back a refused record: " + MessageOf(written));
  return current_->Sync();
}

bool Journal::NeedsSegment(size_t payload_size) const {
  return current_ == nullptr || kRecordHeaderBytes + payload_size > live_.back().size - offset_;
}

bool Journal::HasRoomForSegment(size_t payload_size) const {
  uint64_t live = 0;  // spare ones can be removed
  for (const Segment& segment : live_) live += segment.size;
  return live + SegmentSizeFor(kRecordHeaderBytes + payload_size) <= options_.bytes_max;
}

absl::Status Journal::Sync() {
  if (!PrepareSync()) return absl::OkStatus();
  absl::Status ran = RunSync();
  FinishSync(ran);
  return ran;
}

bool Journal::PrepareSync() {
  syncing_ = last_;
  return durable_ < last_;
}

void Journal::FinishSync(const absl::Status& ran) {
  if (ran.ok()) durable_ = std::max(durable_, syncing_);
}

void Journal::RetireCurrent() {
  if (current_ == nullptr || last_ > cut_) return;
  current_.reset();
  spare_.insert(spare_.end(), live_.begin(), live_.end());
  live_.clear();
}

absl::Status Journal::StartSegment(uint64_t size) {
  QUORATE_RETURN_IF_ERROR(Sync());
  RetireCurrent();
  const Segment segment{.id = {id_max_.value + 1}, .first = last_.Next(), .size = size};
  const auto fitting = std::find_if(spare_.begin(), spare_.end(),
                                    [&](const Segment& spare) { return spare.size == size; });
  if (fitting != spare_.end()) {
    QUORATE_RETURN_IF_ERROR(RecycleSegment(*fitting, segment));
    spare_.erase(fitting);
    filled_until_ = size;
  } else {
    while (!spare_.empty() && AllocatedBytes() + size > options_.bytes_max) {
      QUORATE_RETURN_IF_ERROR(RemoveSpare(0));
    }
    if (AllocatedBytes() + size > options_.bytes_max) {
      return ResourceExhausted(
          Format("journal: the limit of %d bytes is reached", options_.bytes_max));
    }
    QUORATE_RETURN_IF_ERROR(CreateSegment(segment));
    filled_until_ = kSegmentHeaderBytes;
  }
  id_max_ = segment.id;
  live_.push_back(segment);
  offset_ = kSegmentHeaderBytes;
  return absl::OkStatus();
}

absl::Status Journal::WriteHeader(const Segment& segment, const std::string& file) {
  QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<env::File> open, files_.Open(file, true));
  absl::Status status = open->Allocate(segment.size);
  if (status.ok())
    status = open->Write(0, EncodeSegmentHeader({.id = segment.id, .first = segment.first}));
  if (status.ok()) status = open->Sync();
  QUORATE_RETURN_IF_ERROR(status);
  current_ = std::move(open);
  return absl::OkStatus();
}

absl::Status Journal::CreateSegment(const Segment& segment) {
  const std::string file = SegmentFileName(options_.name, segment.id);
  const absl::Status status = WriteHeader(segment, file);
  if (absl::IsUnavailable(status)) {
    // A half-made segment would hold the room that its records need.
    if (const auto left = files_.Exists(file); left.ok() && *left) {
      QUORATE_RETURN_IF_ERROR(files_.Remove(file));
    }
  }
  QUORATE_RETURN_IF_ERROR(status);
  return files_.SyncDirectory();
}

absl::Status Journal::RecycleSegment(const Segment& spare, const Segment& segment) {
  const std::string from = SegmentFileName(options_.name, spare.id);
  QUORATE_RETURN_IF_ERROR(WriteHeader(segment, from));
  QUORATE_RETURN_IF_ERROR(files_.Rename(from, SegmentFileName(options_.name, segment.id)));
  return files_.SyncDirectory();
}

absl::Status Journal::RemoveSpare(size_t index) {
  const auto spare = spare_.begin() + static_cast<std::ptrdiff_t>(index);
  const std::string file = SegmentFileName(options_.name, spare->id);
  spare_.erase(spare);
  return files_.Remove(file);
}

absl::Status Journal::TrimSpares() {
  for (size_t i = spare_.size(); i-- > 0;) {
    if (spare_[i].size == options_.segment_bytes && spare_.size() <= kSpareSegmentsMax) continue;
    QUORATE_RETURN_IF_ERROR(RemoveSpare(i));
  }
  return absl::OkStatus();
}

absl::Status Journal::Cut(Sequence position) {
  cut_ = std::max(cut_, position);
  // The current segment stays, even where all of it is below the position: it has room.
  while (live_.size() > (current_ == nullptr ? 0u : 1u)) {
    const Sequence last = live_.size() > 1 ? Sequence{live_[1].first.value - 1} : last_;
    if (last > position) break;
    spare_.push_back(live_.front());
    live_.pop_front();
  }
  return TrimSpares();
}

}  // namespace quorate::storage
