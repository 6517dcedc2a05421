// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/journaled_backend.h"

#include <algorithm>
#include <utility>

#include "adapters/storage/merged_walk.h"
#include "adapters/storage/scan_collector.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace quorate::storage {
namespace {

// Rows in key order lie anywhere in memory, and are asked for ahead.
constexpr size_t kRowsAhead = 8;

}  // namespace

absl::StatusOr<std::unique_ptr<JournaledBackend>> JournaledBackend::Open(
    env::FileSystem& files, const JournaledOptions& options) {
  if (options.dirty_bytes_max == 0 || options.sweep_rows_max == 0 || options.sweep_bytes_max == 0) {
    return InvalidArgument("storage: the limits of the dirty set and of a sweep must not be zero");
  }
  // The salt of this start, if not of the store, is secret and good enough for a hash in memory.
  std::unique_ptr<JournaledBackend> backend(new JournaledBackend(files, options, options.salt));
  backend->ResetRandomness();
  QUORATE_ASSIGN_OR_RETURN(backend->checkpoint_,
                           Checkpoint::Open(files, {.name = options.name,
                                                    .page_cache_bytes = options.page_cache_bytes,
                                                    .wal_pages_max = options.wal_pages_max,
                                                    .salt = options.salt,
                                                    .seed = options.sqlite_seed.value_or(0)}));
  return backend;
}

absl::StatusOr<std::unique_ptr<JournaledBackend>> JournaledBackend::OpenRecovered(
    env::FileSystem& files, const JournaledOptions& options) {
  QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<JournaledBackend> backend, Open(files, options));
  QUORATE_RETURN_IF_ERROR(backend->Recover());
  return backend;
}

absl::Status JournaledBackend::Recover() {
  QUORATE_CHECK(journal_ == nullptr);
  QUORATE_RETURN_IF_ERROR(failed_);
  const JournalOptions journal{.name = options_.name,
                               .salt = checkpoint_->salt(),
                               .segment_bytes = options_.segment_bytes,
                               .bytes_max = options_.journal_bytes_max,
                               .planted = options_.planted};
  // A limit lowered since the last start does not stop the replay; the next commits sweep down to
  // it.
  std::optional<env::WriteBatch> left_out;
  const Replay replay = [&](Sequence, const env::WriteBatch& batch) {
    if (QUORATE_PLANTED(options_.planted, kReplayFewer)) {
      const auto before = std::exchange(left_out, batch);
      if (before.has_value()) active_.Apply(*before);
      return absl::OkStatus();
    }
    active_.Apply(batch);
    return absl::OkStatus();
  };
  const Checkpointed checkpointed{.position = checkpoint_->position(),
                                  .durable = checkpoint_->position_is_durable()};
  absl::StatusOr<std::unique_ptr<Journal>> opened =
      Journal::Open(files_, journal, checkpointed, replay);
  if (!opened.ok()) {
    failed_ = opened.status();
    return failed_;
  }
  journal_ = *std::move(opened);
  // As if a sweep had just ended: the next step makes it durable and cuts the journal.
  if (!checkpointed.durable) phase_ = Phase::kSwept;
  return absl::OkStatus();
}

absl::Status JournaledBackend::CommitEarly(const env::WriteBatch& batch) {
  ResetRandomness();
  const absl::Status written = WriteEarly(batch);
  if (!written.ok()) checkpoint_->Rollback();
  return Keep(written.ok() ? checkpoint_->MakeDurable() : written);
}

absl::Status JournaledBackend::WriteEarly(const env::WriteBatch& batch) {
  QUORATE_RETURN_IF_ERROR(checkpoint_->Begin());
  absl::Status status;
  batch.ForEach([&](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    if (!status.ok()) return;
    status =
        op == env::WriteBatch::Op::kPut ? checkpoint_->Put(key, value) : checkpoint_->Delete(key);
  });
  QUORATE_RETURN_IF_ERROR(status);
  return checkpoint_->Commit();
}

absl::Status JournaledBackend::Destroy(env::FileSystem& files, const std::string& name) {
  QUORATE_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List());
  // The journal goes first: a checkpoint without journal opens as what it is, the reverse is data
  // loss.
  for (const bool journal : {true, false}) {
    for (const std::string& file : names) {
      const bool segment = ParseSegmentFileName(name, file).has_value();
      const bool database =
          file == name + ".db" || file == name + ".db-wal" || file == name + ".db-journal";
      if (journal ? segment : database) QUORATE_RETURN_IF_ERROR(files.Remove(file));
    }
    QUORATE_RETURN_IF_ERROR(files.SyncDirectory());
  }
  return absl::OkStatus();
}

void JournaledBackend::ResetRandomness() {
  if (options_.sqlite_seed) ResetSqliteRandomness(KeyedHash(*options_.sqlite_seed, calls_++));
}

absl::Status JournaledBackend::Keep(absl::Status status) {
  if (!status.ok() && !absl::IsUnavailable(status) && failed_.ok()) failed_ = status;
  return status;
}

bool JournaledBackend::AtLeast(uint64_t percent) const {
  return journal_->bytes() / percent >= options_.journal_bytes_max / 100 ||
         dirty_bytes() / percent >= options_.dirty_bytes_max / 100;
}

bool JournaledBackend::IsLate() const {
  const uint64_t limit = options_.dirty_bytes_max;
  if (phase_ != Phase::kSweeping || frozen_bytes_ >= limit) return AtLeast(kSweepAssistPercent);
  if (journal_->bytes() / kSweepAssistPercent >= options_.journal_bytes_max / 100) return true;
  // The new set may have filled a first share of what the frozen one leaves it, and of the rest as
  // much as is swept.
  const uint64_t room = limit - frozen_bytes_;
  const uint64_t swept_percent = 100 - frozen_left_ * 100 / frozen_bytes_;
  const uint64_t share = kSweepLeadPercent + swept_percent * (100 - kSweepLeadPercent) / 100;
  return active_.bytes() * 100 >= room * share;
}

absl::Status JournaledBackend::CheckSize(const env::WriteBatch& batch) const {
  if (!journal_->Fits(batch.rep().size())) {
    return ResourceExhausted(
        Format("storage: a batch of %d bytes is larger than a journal of %d can hold",
               batch.rep().size(), options_.journal_bytes_max));
  }
  if (batch.rep().size() <= kRowBytesMax) return absl::OkStatus();
  absl::Status status;
  batch.ForEach([&](env::WriteBatch::Op, std::string_view key, std::string_view value) {
    if (key.size() + value.size() <= kRowBytesMax) return;
    status = ResourceExhausted(Format("storage: a row of %d bytes is above the limit of %d",
                                      key.size() + value.size(), kRowBytesMax));
  });
  return status;
}

absl::Status JournaledBackend::Commit(const env::WriteBatch& batch, bool sync) {
  QUORATE_RETURN_IF_ERROR(failed_);
  QUORATE_DCHECK(!MustWait(batch));
  if (batch.empty()) return sync ? Sync() : absl::OkStatus();
  if (journal_ == nullptr) {
    QUORATE_CHECK(sync);
    return CommitEarly(batch);
  }
  QUORATE_RETURN_IF_ERROR(CheckSize(batch));
  QUORATE_RETURN_IF_ERROR(Keep(MakeRoom(batch)));
  QUORATE_RETURN_IF_ERROR(Keep(AppendToJournal(batch)));
  if (sync && !QUORATE_PLANTED(options_.planted, kLoseLastCommit)) QUORATE_RETURN_IF_ERROR(Sync());
  active_.Apply(batch);
  return absl::OkStatus();
}

absl::Status JournaledBackend::MakeRoom(const env::WriteBatch& batch) {
  const uint64_t wanted = DirtySet::BytesOf(batch);
  while (HasWork() && dirty_bytes() + wanted > options_.dirty_bytes_max)
    QUORATE_RETURN_IF_ERROR(Step());
  if (step_out_ || sync_out_) return absl::OkStatus();
  // As many rows as it brings, and again as many, so that a round ends before the limit is reached.
  for (uint64_t rows = 0; rows <= kSweepAssistRows * batch.operations();
       rows += options_.sweep_rows_max) {
    if (!HasWork() || !IsLate()) return absl::OkStatus();
    // Only help: a full disk stops a sweep long before it must stop commits, whose room is
    // reserved.
    const absl::Status status = Step();
    if (absl::IsUnavailable(status)) return absl::OkStatus();
    QUORATE_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status JournaledBackend::AppendToJournal(const env::WriteBatch& batch) {
  while (true) {
    absl::Status status = journal_->Append(batch.rep());
    if (!absl::IsResourceExhausted(status)) return status;
    if (!HasWork()) return Internal("storage: the journal is full and nothing is left to sweep");
    QUORATE_RETURN_IF_ERROR(Step());
  }
}

absl::Status JournaledBackend::Sync() {
  QUORATE_ASSIGN_OR_RETURN(const bool wanted, PrepareSync());
  return wanted ? FinishSync(RunSync()) : absl::OkStatus();
}

absl::StatusOr<bool> JournaledBackend::PrepareSync() {
  QUORATE_RETURN_IF_ERROR(failed_);
  QUORATE_CHECK(!sync_out_);
  sync_out_ = journal_ != nullptr && journal_->PrepareSync();
  return sync_out_;
}

absl::Status JournaledBackend::RunSync() { return journal_->RunSync(); }

absl::Status JournaledBackend::FinishSync(const absl::Status& ran) {
  QUORATE_CHECK(sync_out_);
  sync_out_ = false;
  journal_->FinishSync(ran);
  // A sync cannot fail for want of room, whatever it says: what is on the disk is not known any
  // more.
  return Keep(absl::IsUnavailable(ran) ? Internal(MessageOf(ran)) : ran);
}

bool JournaledBackend::MustWait(const env::WriteBatch& batch) const {
  if (!step_out_ && !sync_out_) return false;
  // It would make steps of its own, or a segment, which begins with a sync.
  return IsLate() || dirty_bytes() + DirtySet::BytesOf(batch) > options_.dirty_bytes_max ||
         (journal_->NeedsSegment(batch.rep().size()) &&
          (sync_out_ || !journal_->HasRoomForSegment(batch.rep().size())));
}

absl::Status JournaledBackend::Step() {
  QUORATE_ASSIGN_OR_RETURN(const bool wanted, BeginStep());
  return wanted ? EndStep(RunStep()) : absl::OkStatus();
}

absl::StatusOr<bool> JournaledBackend::BeginStep() {
  QUORATE_CHECK(!step_out_);
  if (phase_ == Phase::kIdle) {
    if (active_.empty()) return false;
    QUORATE_RETURN_IF_ERROR(Sync());
    std::swap(frozen_, active_);  // the frozen set is empty between rounds
    frozen_bytes_ = frozen_.bytes();
    frozen_left_ = frozen_bytes_;
    frozen_position_ = journal_->last();
    swept_ = 0;
    phase_ = Phase::kSweeping;
  }
  step_out_ = true;
  return true;
}

absl::Status JournaledBackend::RunStep() {
  QUORATE_CHECK(step_out_);
  ResetRandomness();
  if (phase_ == Phase::kSwept || checkpoint_->WalIsFull()) return checkpoint_->MakeDurable();
  return SweepRows();
}

absl::Status JournaledBackend::EndStep(const absl::Status& ran) {
  QUORATE_CHECK(step_out_);
  step_out_ = false;
  QUORATE_RETURN_IF_ERROR(ran);
  if (phase_ == Phase::kSwept) {
    QUORATE_RETURN_IF_ERROR(journal_->Cut(checkpoint_->position()));
    phase_ = Phase::kIdle;
    ++rounds_;
  } else if (!frozen_.empty()) {
    frozen_left_ = frozen_bytes_ / frozen_.size() * (frozen_.size() - swept_);
  } else {
    frozen_bytes_ = 0;
    frozen_left_ = 0;
    phase_ = Phase::kSwept;
  }
  return absl::OkStatus();
}

absl::Status JournaledBackend::SweepRows() {
  absl::StatusOr<uint64_t> swept = SweepTransaction();
  if (!swept.ok()) {
    checkpoint_->Rollback();
    return swept.status();
  }
  swept_ += *swept;
  if (swept_ == frozen_.size()) frozen_.Clear();
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> JournaledBackend::SweepTransaction() {
  QUORATE_RETURN_IF_ERROR(checkpoint_->Begin());
  const DirtySet::Entries& rows = frozen_.Sorted();
  uint64_t count = 0;
  uint64_t bytes = 0;
  for (size_t at = swept_; at < rows.size(); ++at, ++count) {
    if (count == options_.sweep_rows_max || bytes >= options_.sweep_bytes_max) break;
    if (at + kRowsAhead < rows.size()) rows[at + kRowsAhead].Prefetch();
    const DirtyRow& row = *rows[at].row;
    if (row.deleted() && QUORATE_PLANTED(options_.planted, kSweepKeepsDeleted)) continue;
    QUORATE_RETURN_IF_ERROR(row.deleted() ? checkpoint_->Delete(row.key())
                                          : checkpoint_->Put(row.key(), row.value()));
    bytes += row.key().size() + row.value().size();
  }
  if (swept_ + count == rows.size())
    QUORATE_RETURN_IF_ERROR(checkpoint_->SetPosition(frozen_position_));
  QUORATE_RETURN_IF_ERROR(checkpoint_->Commit());
  return count;
}

absl::StatusOr<std::optional<Bytes>> JournaledBackend::Get(std::string_view key) {
  QUORATE_CHECK(!step_out_);
  for (const DirtySet* set : {&active_, &frozen_}) {
    const DirtyRow* row = set->Find(key);
    if (row != nullptr) return row->deleted() ? std::nullopt : std::optional<Bytes>(row->value());
  }
  return checkpoint_->Get(key);
}

absl::StatusOr<env::ScanResult> JournaledBackend::Scan(const env::ScanRequest& request) {
  QUORATE_CHECK(!step_out_);
  QUORATE_CHECK(journal_ != nullptr);
  ScanCollector collector(request.bytes_max);
  MergedWalk walk(active_, frozen_, *checkpoint_, request.begin, request.end);
  std::string_view key;
  std::string_view value;
  while (true) {
    QUORATE_ASSIGN_OR_RETURN(const bool found, walk.Next(key, value));
    if (!found) return collector.Finish(true);
    if (!collector.Add(key, value)) return collector.Finish(false);
  }
}

bool JournaledBackend::IsDue() const {
  return phase_ != Phase::kIdle || (HasWork() && AtLeast(kSweepStartPercent));
}

absl::StatusOr<bool> JournaledBackend::PrepareStep() {
  QUORATE_RETURN_IF_ERROR(failed_);
  if (!IsDue()) return false;
  absl::StatusOr<bool> begun = BeginStep();
  if (!begun.ok()) return Keep(begun.status());
  return begun;
}

absl::StatusOr<bool> JournaledBackend::FinishStep(const absl::Status& ran) {
  QUORATE_RETURN_IF_ERROR(Keep(EndStep(ran)));
  return IsDue();
}

absl::StatusOr<bool> JournaledBackend::Maintain() {
  QUORATE_ASSIGN_OR_RETURN(const bool wanted, PrepareStep());
  return wanted ? FinishStep(RunStep()) : false;
}

absl::Status JournaledBackend::Close() {
  QUORATE_CHECK(!step_out_ && !sync_out_);
  if (journal_ == nullptr) return absl::OkStatus();  // what was committed early is durable
  QUORATE_RETURN_IF_ERROR(Sync());
  absl::Status status;
  while (HasWork() && status.ok()) status = Keep(Step());
  // On a full disk the rest stays in the journal, which is durable, and is replayed by the next
  // open.
  if (!absl::IsUnavailable(status)) QUORATE_RETURN_IF_ERROR(status);
  failed_ = FailedPrecondition("storage: closed");
  return absl::OkStatus();
}

env::StorageBackend::Stats JournaledBackend::stats() const {
  return {.journal_bytes = journal_ == nullptr ? 0 : journal_->bytes(),
          .journal_bytes_max = options_.journal_bytes_max,
          .dirty_bytes = dirty_bytes(),
          .dirty_bytes_max = options_.dirty_bytes_max,
          .checkpoints = rounds_};
}

}  // namespace quorate::storage
