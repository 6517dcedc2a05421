// SPDX-License-Identifier: Apache-2.0
// The figures of adapters/storage/README.md: storage_bench DIRECTORY [ROWS]. The directory is
// created, and emptied by every part.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "adapters/storage/journaled_backend.h"
#include "engine/base/random.h"
#include "io/disk/data_directory.h"

namespace quorate::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kKeys = 1'000'000;
constexpr size_t kValueBytes = 64;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", MessageOf(status).c_str());
  std::exit(1);
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  Must(result.status());
  return *std::move(result);
}

Bytes KeyOf(uint64_t number) { return Format("%016x", KeyedHash(number)); }

std::unique_ptr<JournaledBackend> OpenFresh(io::DataDirectory& directory,
                                            const JournaledOptions& options) {
  Must(JournaledBackend::Destroy(directory.files(), options.name));
  return Must(JournaledBackend::OpenRecovered(directory.files(), options));
}

void PrintTimes(const char* what, std::vector<double>& micros, uint64_t rows, double seconds,
                double cpu) {
  std::sort(micros.begin(), micros.end());
  std::printf(
      "%-44s %9.0f rows/s  %8.0f commits/s  %5.2f us CPU a row  p50 %.0f p99 %.0f max %.0f us\n",
      what, static_cast<double>(rows) / seconds, static_cast<double>(micros.size()) / seconds,
      cpu * 1e6 / static_cast<double>(rows), micros[micros.size() / 2],
      micros[micros.size() * 99 / 100], micros.back());
  std::fflush(stdout);
}

// Random keys of kKeys in batches; Maintain is called once every `idle_every` commits.
void Commits(io::DataDirectory& directory, const char* what, uint64_t rows, uint64_t batch_rows,
             bool sync, uint64_t idle_every, const JournaledOptions& options) {
  const auto backend = OpenFresh(directory, options);
  std::vector<double> micros;
  micros.reserve(rows / batch_rows);
  const Bytes value(kValueBytes, 'v');
  env::WriteBatch batch;
  const double cpu = CpuSeconds();
  const auto start = Clock::now();
  uint64_t most_journal = 0;
  for (uint64_t row = 0; row < rows;) {
    batch.Clear();
    for (uint64_t i = 0; i < batch_rows; ++i, ++row)
      batch.Put(KeyOf(KeyedHash(row) % kKeys), value);
    const auto begin = Clock::now();
    Must(backend->Commit(batch, sync));
    micros.push_back(SecondsSince(begin) * 1e6);
    most_journal = std::max(most_journal, backend->stats().journal_bytes);
    if (idle_every != 0 && micros.size() % idle_every == 0) Must(backend->Maintain().status());
  }
  PrintTimes(what, micros, rows, SecondsSince(start), CpuSeconds() - cpu);
  std::printf("    %llu rounds, journal at most %llu MiB of %llu\n",
              static_cast<unsigned long long>(backend->stats().checkpoints),
              static_cast<unsigned long long>(most_journal >> 20),
              static_cast<unsigned long long>(options.journal_bytes_max >> 20));
  const auto closing = Clock::now();
  Must(backend->Close());
  std::printf("    close %.2f s\n", SecondsSince(closing));
}

void BareSqlite(io::DataDirectory& directory, uint64_t rows, uint64_t batch_rows) {
  Must(JournaledBackend::Destroy(directory.files(), "store"));
  const auto checkpoint = Must(Checkpoint::Open(
      directory.files(),
      {.name = "store", .page_cache_bytes = uint64_t{64} << 20, .wal_pages_max = kWalPagesMax}));
  std::vector<double> micros;
  const Bytes value(kValueBytes, 'v');
  const double cpu = CpuSeconds();
  const auto start = Clock::now();
  for (uint64_t row = 0; row < rows;) {
    const auto begin = Clock::now();
    Must(checkpoint->Begin());
    for (uint64_t i = 0; i < batch_rows; ++i, ++row)
      Must(checkpoint->Put(KeyOf(KeyedHash(row) % kKeys), value));
    Must(checkpoint->Commit());
    if (checkpoint->WalIsFull()) Must(checkpoint->MakeDurable());
    micros.push_back(SecondsSince(begin) * 1e6);
  }
  PrintTimes("bare SQLite, random, unsynced", micros, rows, SecondsSince(start),
             CpuSeconds() - cpu);
}

void Recovery(io::DataDirectory& directory, uint64_t rows, uint64_t batch_rows) {
  {
    const auto backend = OpenFresh(directory, {});
    const Bytes value(kValueBytes, 'v');
    env::WriteBatch batch;
    for (uint64_t row = 0; row < rows;) {
      batch.Clear();
      for (uint64_t i = 0; i < batch_rows; ++i, ++row) batch.Put(KeyOf(row), value);
      Must(backend->Commit(batch, false));
    }
    Must(backend->Sync());
  }
  auto start = Clock::now();
  const auto backend = Must(JournaledBackend::OpenRecovered(directory.files(), {}));
  const double open = SecondsSince(start);
  start = Clock::now();
  env::ScanRequest request{.begin = {}, .end = {}, .bytes_max = 1 << 20};
  uint64_t found = 0;
  while (true) {
    const env::ScanResult result = Must(backend->Scan(request));
    found += result.rows.size();
    if (result.complete) break;
    request.begin = result.rows.back().key + Bytes(1, '\0');
  }
  std::printf(
      "recovery, %llu rows in batches of %llu: open %.2f s (%llu records), scan of %llu rows %.2f "
      "s\n",
      static_cast<unsigned long long>(rows), static_cast<unsigned long long>(batch_rows), open,
      static_cast<unsigned long long>(backend->recovered_records()),
      static_cast<unsigned long long>(found), SecondsSince(start));
  std::fflush(stdout);
}

void RunAll(const std::string& path, uint64_t rows) {
  const auto directory = Must(io::DataDirectory::Open(path));
  JournaledOptions options;
  Commits(*directory, "batches of 1, synced", 20'000, 1, true, 10, options);
  Commits(*directory, "batches of 50, synced", 1'000'000, 50, true, 10, options);
  Commits(*directory, "batches of 50, unsynced", rows, 50, false, 10, options);
  Commits(*directory, "batches of 50, synced, no idle time", rows, 50, true, 0, options);
  options.dirty_bytes_max = uint64_t{32} << 20;
  Commits(*directory, "batches of 50, synced, dirty set 32 MiB", rows, 50, true, 10, options);
  BareSqlite(*directory, std::min<uint64_t>(rows, 1'000'000), 50);
  Recovery(*directory, kKeys, 1);
  Recovery(*directory, kKeys, 50);
  Must(JournaledBackend::Destroy(directory->files(), "store"));
}

}  // namespace
}  // namespace quorate::storage

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: storage_bench DIRECTORY [ROWS]\n");
    return 2;
  }
  quorate::storage::RunAll(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 4'000'000);
  return 0;
}
