// SPDX-License-Identifier: Apache-2.0
// The embedded default: a journal for commits and a SQLite checkpoint for everything older, with
// the rows in between held in memory.
//
// A commit appends its batch to the journal (that is what makes it durable) and puts its rows into
// the active dirty set. When journal or dirty set has reached a share of its limit, a *round*
// begins: the active set is frozen at the journal's last position, swept into the checkpoint in key
// order in bounded steps, and with the last step the position is stored; the checkpoint is made
// durable and the journal is cut behind it. At a limit, commits do the steps themselves: writers
// wait.
//
// Invariants:
//   1. The frozen set holds no row of a batch that is not durable in the journal, so that whatever
//   part of
//      a round a crash leaves in the checkpoint, the journal repeats all of it.
//   2. The journal is cut only behind a position that is durable in the checkpoint.
//   3. What a key holds is the first found of: active set, frozen set, checkpoint.
//
// A step of a round has three parts. PrepareStep and FinishStep touch what commits touch: journal,
// active set, phase. RunStep touches the rest: the frozen set, which nobody changes, and the
// checkpoint. So a world may run RunStep on a thread of its own *beside* Commit, Sync and stats
// (and nothing else), and likewise the sync of the journal by its three parts. While a part is out,
// a commit that would need what it holds must wait (see MustWait). A crash may fall between any two
// parts: each leaves what the journal repeats.
//
// Unavailable (disk full) changes nothing and may pass. Any other error of a commit or a sweep is
// final: from then on commits give the same error, while reads go on. A batch that could never fit
// (see Commit) is ResourceExhausted and not final: it is the caller's mistake.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/storage/checkpoint.h"
#include "adapters/storage/dirty_set.h"
#include "adapters/storage/journal.h"
#include "engine/base/planted_bug.h"
#include "engine/env/file_system.h"
#include "engine/env/storage.h"

namespace quorate::storage {

struct JournaledOptions {
  std::string name = "store";  // the files are NAME.db, NAME.db-wal, NAME.journal-*
  uint64_t segment_bytes = kSegmentBytes;
  uint64_t journal_bytes_max = kJournalBytesMax;
  uint64_t dirty_bytes_max = kDirtyBytesMax;
  uint64_t sweep_rows_max = kSweepRowsMax;
  uint64_t sweep_bytes_max = kSweepBytesMax;
  uint64_t page_cache_bytes = kPageCacheBytes;
  uint64_t wal_pages_max = kWalPagesMax;
  // Random, and secret to clients; only the first open of a directory uses it.
  uint64_t salt = 0;
  // Set in the simulator: SQLite's generator is reset from it before each call. Differs from start
  // to start, or SQLite would repeat the salts of its log.
  std::optional<uint64_t> sqlite_seed = {};
  PlantedBug planted = PlantedBug::kNone;
};

class JournaledBackend final : public env::StorageBackend {
 public:
  // Opens the checkpoint, or makes it; takes as long as one step of a round. `files` must outlive
  // the backend. Errors: FailedPrecondition for a checkpoint of another version; InvalidArgument
  // for limits that contradict each other; DataLoss where the checkpoint is damaged; Unavailable
  // where the disk is too full to make a new one. One that exists opens on a full disk, and is
  // read.
  static absl::StatusOr<std::unique_ptr<JournaledBackend>> Open(env::FileSystem& files,
                                                                const JournaledOptions& options);
  // With Recover, for those who have nobody to answer meanwhile.
  static absl::StatusOr<std::unique_ptr<JournaledBackend>> OpenRecovered(
      env::FileSystem& files, const JournaledOptions& options);
  // Removes all files of the store.
  static absl::Status Destroy(env::FileSystem& files, const std::string& name);

  // Replays the journal. DataLoss where something durable is missing or damaged (Destroy is then
  // the way to start empty); FailedPrecondition for a journal of another version. Before it, early
  // rows go straight to the checkpoint, and never into the journal.
  absl::Status Recover() override;
  // ResourceExhausted: a row above kRowBytesMax, or a batch larger than the whole journal may be.
  absl::Status Commit(const env::WriteBatch& batch, bool sync) override;
  absl::Status Sync() override;
  absl::StatusOr<std::optional<Bytes>> Get(std::string_view key) override;
  absl::StatusOr<env::ScanResult> Scan(const env::ScanRequest& request) override;
  absl::StatusOr<bool> Maintain() override;
  absl::Status Close() override;
  [[nodiscard]] Stats stats() const override;

  // One step of the upkeep in parts. Prepare says whether there is something to do; then Run and
  // Finish must follow. Finish says whether more is due.
  // Requires of Prepare: no step and no sync is out.
  absl::StatusOr<bool> PrepareStep();
  absl::Status RunStep();
  absl::StatusOr<bool> FinishStep(const absl::Status& ran);
  // Sync in parts, as above. Beside Run, commits go on; they are not covered.
  absl::StatusOr<bool> PrepareSync();
  absl::Status RunSync();
  absl::Status FinishSync(const absl::Status& ran);
  // Whether this commit must not be called before what is out has been finished.
  [[nodiscard]] bool MustWait(const env::WriteBatch& batch) const;
  [[nodiscard]] bool step_is_out() const { return step_out_; }
  [[nodiscard]] bool sync_is_out() const { return sync_out_; }

  // All of it is in the checkpoint, durably: the next start has no journal to replay.
  [[nodiscard]] bool swept() const { return !HasWork(); }
  // Records replayed by Recover.
  [[nodiscard]] uint64_t recovered_records() const { return journal_->recovered_records(); }

 private:
  enum class Phase : uint8_t { kIdle, kSweeping, kSwept };

  JournaledBackend(env::FileSystem& files, JournaledOptions options, uint64_t hash_seed)
      : files_(files), options_(std::move(options)), active_(hash_seed), frozen_(hash_seed) {}
  absl::Status CommitEarly(const env::WriteBatch& batch);
  absl::Status WriteEarly(const env::WriteBatch& batch);
  absl::Status CheckSize(const env::WriteBatch& batch) const;
  absl::Status MakeRoom(const env::WriteBatch& batch);
  absl::Status AppendToJournal(const env::WriteBatch& batch);
  // One bounded piece of a round, all three parts; begins one if none is under way and there is
  // something to sweep.
  absl::Status Step();
  absl::StatusOr<bool> BeginStep();
  absl::Status EndStep(const absl::Status& ran);
  absl::Status SweepRows();
  absl::StatusOr<uint64_t> SweepTransaction();
  absl::Status Keep(absl::Status status);
  [[nodiscard]] bool IsDue() const;
  // The round falls behind the writers, who must help then.
  [[nodiscard]] bool IsLate() const;
  [[nodiscard]] bool HasWork() const { return phase_ != Phase::kIdle || !active_.empty(); }
  [[nodiscard]] bool AtLeast(uint64_t percent) const;
  [[nodiscard]] uint64_t dirty_bytes() const { return active_.bytes() + frozen_bytes_; }
  void ResetRandomness();

  env::FileSystem& files_;
  const JournaledOptions options_;
  // Of the commits.
  std::unique_ptr<Journal> journal_;  // none before Recover
  DirtySet active_;
  Sequence frozen_position_;
  uint64_t frozen_bytes_ = 0;
  uint64_t frozen_left_ = 0;  // of them, not swept yet; the memory comes back at the end
  Phase phase_ = Phase::kIdle;
  absl::Status failed_;  // the first final error
  uint64_t rounds_ = 0;
  bool step_out_ = false;
  bool sync_out_ = false;
  // Of RunStep while a step is out. It may read `phase_` and `frozen_position_`, which stay.
  std::unique_ptr<Checkpoint> checkpoint_;
  DirtySet frozen_;
  size_t swept_ = 0;    // rows of the frozen set, in key order
  uint64_t calls_ = 0;  // keys the resets of SQLite's generator
};

}  // namespace quorate::storage
