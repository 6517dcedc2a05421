// SPDX-License-Identifier: Apache-2.0
// The journaled backend and crashes. Whatever operation of the disk is the last one, and whatever
// of the unsynced the power loss keeps: the next start finds the commits up to some point, whole,
// with every one that was acknowledged as synced among them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <utility>

#include "adapters/storage/journaled_backend.h"
#include "engine/base/random.h"
#include "sim/disk/sim_disk.h"
#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

JournaledOptions TinyOptions() {
  return {.segment_bytes = 4096,
          .journal_bytes_max = 16384,
          .dirty_bytes_max = 6000,
          .sweep_rows_max = 4,
          .sweep_bytes_max = 4000,
          .page_cache_bytes = 65536,
          .wal_pages_max = 6,
          .salt = 5,
          .sqlite_seed = 1};
}

const Bytes kLifeKey = "~life";

// A store over many lives, and what it must hold.
class Survivor {
 public:
  explicit Survivor(uint64_t seed) : disk_(seed) {}

  sim::SimDisk& disk() { return disk_; }
  JournaledBackend& backend() { return *backend_; }
  bool up() const { return backend_ != nullptr; }

  // Starts the store and judges what it found. Empty if all is well.
  std::string Start() {
    JournaledOptions options = TinyOptions();
    options.sqlite_seed = ++starts_;
    auto opened = JournaledBackend::Open(disk_, options);
    if (!opened.ok()) return disk_.frozen() ? "" : "open: " + opened.status().ToString();
    if (const std::string wrong = BeginLife(**opened); !wrong.empty()) return wrong;
    const absl::Status recovered = disk_.frozen() ? absl::OkStatus() : (*opened)->Recover();
    if (disk_.frozen()) return "";
    if (!recovered.ok()) return "recover: " + recovered.ToString();
    backend_ = *std::move(opened);
    Model found = ReadAll(*backend_);
    if (disk_.frozen()) {  // the next crash came while it was read
      backend_.reset();
      return "";
    }
    if (found[kLifeKey] != Format("%d", life_)) return "the early row was lost by recovering";
    found.erase(kLifeKey);
    for (size_t length = history_.size() + 1; length-- > certain_;) {
      if (StateAfter(length) != found) continue;
      history_.resize(length);
      // What a start shows to its reader may not be lost later.
      certain_ = length;
      return "";
    }
    return Format("%d rows: the state after none of the commits %d to %d", found.size(), certain_,
                  history_.size());
  }

  void Commit(const env::WriteBatch& batch, bool sync) {
    if (sync || backend_->MustWait(batch)) FinishParts();
    const absl::Status status = backend_->Commit(batch, sync);
    // Refused: nothing was applied. Any other failure leaves it open whether it was.
    if (absl::IsUnavailable(status)) return;
    history_.push_back(batch);
    if (status.ok() && sync) certain_ = history_.size();
    failed_ = failed_ || !status.ok();
  }

  // The next part of the upkeep: a step is prepared, run, finished, with whatever the course does
  // in between.
  void Upkeep() {
    if (!backend_->step_is_out()) {
      if (!backend_->sync_is_out()) backend_->PrepareStep().IgnoreError();
    } else if (!step_ran_) {
      step_ran_ = backend_->RunStep();
    } else {
      backend_->FinishStep(*std::exchange(step_ran_, std::nullopt)).IgnoreError();
    }
  }

  // The next part of a sync. It covers what was there when it was prepared.
  void SyncPart() {
    if (!backend_->sync_is_out()) {
      sync_covers_ = history_.size();
      backend_->PrepareSync().IgnoreError();
    } else if (!sync_ran_) {
      sync_ran_ = backend_->RunSync();
    } else {
      const absl::Status status = backend_->FinishSync(*std::exchange(sync_ran_, std::nullopt));
      if (status.ok()) certain_ = std::max(certain_, sync_covers_);
      failed_ = failed_ || !status.ok();
    }
  }

  void FinishParts() {
    while (backend_->sync_is_out()) SyncPart();
    while (backend_->step_is_out()) Upkeep();
  }

  void Maintain() {
    FinishParts();
    backend_->Maintain().IgnoreError();
  }

  void Sync() {
    while (backend_->sync_is_out()) SyncPart();
    const absl::Status status = backend_->Sync();
    if (status.ok()) certain_ = history_.size();
    failed_ = failed_ || !status.ok();
  }

  // Ends the life. After the death of the process alone, everything acknowledged must be found
  // again.
  void Die(bool power_loss, uint64_t draws) {
    if (power_loss) {
      disk_.Crash(draws);
    } else {
      if (!failed_) certain_ = history_.size();
      disk_.Kill();
    }
    backend_.reset();
    failed_ = false;
    step_ran_.reset();
    sync_ran_.reset();
  }

  bool failed() const { return failed_ || disk_.frozen(); }

 private:
  // The early row: never an older one than was committed, and a higher one from now on.
  std::string BeginLife(JournaledBackend& backend) {
    const auto row = backend.Get(kLifeKey);
    if (disk_.frozen()) return "";
    if (!row.ok()) return "early get: " + row.status().ToString();
    const std::string found = row->value_or("0");
    if (found != Format("%d", life_) && found != Format("%d", life_tried_)) {
      return Format("early row: life %s, not %d or %d", found, life_, life_tried_);
    }
    life_tried_ = std::stoull(found) + 1;
    env::WriteBatch batch;
    batch.Put(kLifeKey, Format("%d", life_tried_));
    const absl::Status committed = backend.Commit(batch, /*sync=*/true);
    if (committed.ok()) life_ = life_tried_;
    return committed.ok() || disk_.frozen() ? "" : "early commit: " + committed.ToString();
  }

  Model StateAfter(size_t length) const {
    Model model;
    for (size_t i = 0; i < length; ++i) ApplyTo(model, history_[i]);
    return model;
  }

  sim::SimDisk disk_;
  uint64_t life_ = 0;        // of the last early commit that was acknowledged
  uint64_t life_tried_ = 0;  // of the last one
  std::unique_ptr<JournaledBackend> backend_;
  std::vector<env::WriteBatch> history_;
  size_t certain_ = 0;  // so many of them must be there
  uint64_t starts_ = 0;
  bool failed_ = false;
  std::optional<absl::Status> step_ran_;  // of the step, or the sync, that is out
  std::optional<absl::Status> sync_ran_;
  size_t sync_covers_ = 0;
};

env::WriteBatch DrawnBatch(uint64_t draw) {
  env::WriteBatch batch;
  for (uint64_t i = 0; i <= draw % 4; ++i) {
    const uint64_t key = KeyedHash(draw, i);
    if (key % 5 == 0) {
      batch.Delete(KeyOf(key / 7));
    } else {
      batch.Put(KeyOf(key / 7), Bytes(key % 400, static_cast<char>(key)));
    }
  }
  return batch;
}

// One fixed course of commits and maintenance, crashed after every single operation in turn. In the
// second course every part of the upkeep and of the syncs has commits behind it.
class JournaledCrashCourse : public testing::TestWithParam<bool> {};

TEST_P(JournaledCrashCourse, KeepsAPrefixAfterACrashAtAnyOperation) {
  const bool in_parts = GetParam();
  uint64_t crashes = 0;
  for (uint64_t changes = 0;; ++changes) {
    Survivor survivor(changes);
    survivor.disk().CrashAfter(changes);
    ASSERT_EQ(survivor.Start(), "");
    for (uint64_t step = 0; step < 60 && survivor.up() && !survivor.failed(); ++step) {
      survivor.Commit(DrawnBatch(step), step % (in_parts ? 20 : 3) == 0);
      if (in_parts) {
        survivor.Upkeep();
        if (step % 2 == 0) survivor.SyncPart();
      } else if (step % 4 == 0) {
        survivor.Maintain();
      }
    }
    if (!survivor.disk().frozen()) break;
    ++crashes;
    survivor.Die(true, changes);
    ASSERT_EQ(survivor.Start(), "") << "crashed after " << changes << " changes";
    survivor.Die(true, changes + 1);
    ASSERT_EQ(survivor.Start(), "") << "crashed again after " << changes << " changes and a start";
  }
  EXPECT_GT(crashes, in_parts ? 200u : 300u);
}

INSTANTIATE_TEST_SUITE_P(InPartsOrNot, JournaledCrashCourse, testing::Bool());

// A crash in the middle of a recovery, at every operation of it.
TEST(JournaledCrash, SurvivesCrashesDuringRecovery) {
  for (uint64_t course = 0; course < 20; ++course) {
    for (uint64_t changes = 0;; ++changes) {
      Survivor survivor(course);
      ASSERT_EQ(survivor.Start(), "");
      survivor.disk().CrashAfter(40 + 11 * course);
      for (uint64_t step = 0; step < 60 && !survivor.failed(); ++step) {
        survivor.Commit(DrawnBatch(step + course), step % 5 == 0);
      }
      survivor.Die(true, course);
      survivor.disk().CrashAfter(changes);
      ASSERT_EQ(survivor.Start(), "");
      const bool crashed = survivor.disk().frozen();
      survivor.Die(true, changes);
      ASSERT_EQ(survivor.Start(), "")
          << "course " << course << ", recovery crashed after " << changes;
      if (!crashed) break;
    }
  }
}

RC_GTEST_PROP(JournaledCrash, KeepsAPrefixOverManyLivesAndFaults, (uint64_t seed)) {
  Survivor survivor(seed);
  const int lives = *rc::gen::inRange(1, 7);
  for (int life = 0; life < lives; ++life) {
    const std::string verdict = survivor.Start();
    if (!verdict.empty()) RC_FAIL(verdict);
    if (*rc::gen::inRange(0, 3) != 0)
      survivor.disk().CrashAfter(*rc::gen::inRange<uint64_t>(0, 150));
    sim::DiskFaults faults;
    if (*rc::gen::inRange(0, 4) == 0) faults.sync_error_ppm = 30'000;
    if (*rc::gen::inRange(0, 4) == 0) faults.write_error_ppm = 10'000;
    if (*rc::gen::inRange(0, 4) == 0) {
      faults.capacity_bytes = survivor.disk().used_bytes() + *rc::gen::inRange<uint64_t>(0, 30000);
    }
    survivor.disk().set_faults(faults);
    const int steps = *rc::gen::inRange(0, 80);
    for (int step = 0; step < steps && !survivor.failed(); ++step) {
      const uint64_t draw = *rc::gen::arbitrary<uint64_t>();
      switch (draw % 11) {
        case 0:
          survivor.Maintain();
          break;
        case 2:
        case 3:
          survivor.Upkeep();
          break;
        case 4:
          survivor.SyncPart();
          break;
        case 1:
          survivor.Sync();
          break;
        default:
          survivor.Commit(DrawnBatch(draw), draw % 3 == 0);
          break;
      }
    }
    survivor.disk().set_faults({});
    survivor.Die(*rc::gen::inRange(0, 3) != 0, *rc::gen::arbitrary<uint64_t>());
  }
  const std::string verdict = survivor.Start();
  if (!verdict.empty()) RC_FAIL(verdict);
}

// The last transaction of a round stores the position; before the journal is cut by it, it must be
// durable, also where the process died in between.
TEST(JournaledCrash, CutsTheJournalOnlyBehindADurablePosition) {
  for (uint64_t draws = 0; draws < 20; ++draws) {
    Survivor survivor(draws);
    ASSERT_EQ(survivor.Start(), "");
    for (uint64_t step = 0; survivor.backend().stats().dirty_bytes < 3200; ++step) {
      survivor.Commit(DrawnBatch(step), true);
    }
    // To the end of the sweep: one step more would make it durable and cut.
    while (survivor.backend().stats().dirty_bytes > 0) ASSERT_TRUE(*survivor.backend().Maintain());
    survivor.Die(false, 0);
    ASSERT_EQ(survivor.Start(), "");
    for (uint64_t step = 0; step < 8; ++step) survivor.Commit(DrawnBatch(100 + step), true);
    survivor.Die(true, draws);
    ASSERT_EQ(survivor.Start(), "");
  }
}

// The checks above must be able to fail: without the sync they promise, they do.
TEST(JournaledCrash, WouldNoticeALostCommit) {
  uint64_t lost = 0;
  for (uint64_t draws = 0; draws < 20; ++draws) {
    sim::SimDisk disk(draws);
    auto backend = JournaledBackend::OpenRecovered(disk, TinyOptions());
    ASSERT_TRUE(backend.ok());
    ASSERT_TRUE((*backend)->Commit(DrawnBatch(1), true).ok());
    const Model synced = ReadAll(**backend);
    ASSERT_TRUE((*backend)->Commit(DrawnBatch(2), false).ok());
    const Model all = ReadAll(**backend);
    ASSERT_NE(synced, all);
    disk.Crash(draws);
    backend->reset();
    backend = JournaledBackend::OpenRecovered(disk, TinyOptions());
    ASSERT_TRUE(backend.ok());
    const Model found = ReadAll(**backend);
    EXPECT_TRUE(found == synced || found == all);
    if (found == synced) ++lost;
  }
  EXPECT_GT(lost, 0u);
  EXPECT_LT(lost, 20u);
}

}  // namespace
}  // namespace quorate::storage
