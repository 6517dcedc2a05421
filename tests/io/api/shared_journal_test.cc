// SPDX-License-Identifier: Apache-2.0
// The shared conformance test, and commits from one thread with the upkeep and the syncs of two
// others beside them: what matters is that the thread sanitizer finds nothing, and every row is
// there.
#include "io/api/shared_journal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/base/random.h"
#include "io/disk/posix_file_system.h"
#include "tests/adapters/storage/backend_conformance.h"
#include "tests/io/disk/temporary_directory.h"

namespace quorate::storage {
namespace {

JournaledOptions SmallOptions() {
  return {.segment_bytes = 64 << 10,
          .journal_bytes_max = uint64_t{4} << 20,
          .dirty_bytes_max = 200'000,
          .sweep_rows_max = 30,
          .page_cache_bytes = 65536,
          .wal_pages_max = 64};
}

class SharedFactory {
 public:
  static constexpr bool kDurable = true;
  std::unique_ptr<env::StorageBackend> Open() {
    auto backend = JournaledBackend::Open(*files_, SmallOptions());
    EXPECT_TRUE(backend.ok()) << backend.status();
    return std::make_unique<api::SharedJournal>(*std::move(backend));
  }

 private:
  io::TemporaryDirectory directory_;
  std::unique_ptr<io::PosixFileSystem> files_ = *io::PosixFileSystem::Open(directory_.path());
};

INSTANTIATE_TYPED_TEST_SUITE_P(SharedJournal, BackendConformance, SharedFactory);

TEST(SharedJournal, CommitsWhileOthersSweepAndSync) {
  SharedFactory factory;
  auto backend = factory.Open();
  ASSERT_TRUE(backend->Recover().ok());
  ASSERT_TRUE(backend->upkeep_beside_commits());
  std::atomic<bool> done{false};
  std::atomic<int> steps{0};
  std::atomic<int> syncs{0};
  std::thread sweeper([&] {
    while (!done) {
      const auto more = backend->Maintain();
      EXPECT_TRUE(more.ok()) << more.status();
      if (*more) ++steps;
    }
  });
  std::thread syncer([&] {
    while (!done) {
      EXPECT_TRUE(backend->Sync().ok());
      ++syncs;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  Model model;
  for (uint64_t i = 0; i < 3000; ++i) {
    env::WriteBatch batch;
    for (uint64_t row = 0; row < 10; ++row) {
      const uint64_t key = KeyedHash(i, row) % 3000;
      batch.Put(Format("key %d", key), Bytes(key % 100, static_cast<char>(i)));
    }
    ASSERT_TRUE(backend->Commit(batch, i % 100 == 0).ok());
    ApplyTo(model, batch);
    const env::StorageBackend::Stats stats = backend->stats();
    ASSERT_LE(stats.dirty_bytes, stats.dirty_bytes_max);
    ASSERT_LE(stats.journal_bytes, stats.journal_bytes_max);
    if (i % 500 == 0) {
      ASSERT_EQ(ReadAll(*backend), model);
    }
  }
  done = true;
  sweeper.join();
  syncer.join();
  EXPECT_GT(steps, 10);
  EXPECT_GT(syncs, 10);
  EXPECT_GT(backend->stats().checkpoints, 3u);
  EXPECT_EQ(ReadAll(*backend), model);
  backend.reset();
  backend = factory.Open();
  ASSERT_TRUE(backend->Recover().ok());
  EXPECT_EQ(ReadAll(*backend), model);
}

}  // namespace
}  // namespace quorate::storage
