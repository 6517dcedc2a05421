// SPDX-License-Identifier: Apache-2.0
#include "io/api/datastore_backend.h"

#include "io/api/api_limits.h"
#include "io/api/await.h"
#include "io/api/status_bridge.h"

namespace quorate::api {
namespace {

// A disk that takes its time is waited for: giving up would leave the outcome unknown.
template <typename Ask>
absl::Status AwaitStatus(Ask&& ask) {
  return ToInternal(*Await<Status>(std::forward<Ask>(ask)));
}

}  // namespace

void BatchChanges::ForEach(const Visitor& visit) const {
  batch_.ForEach([&](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    if (op == env::WriteBatch::Op::kPut) {
      visit(key, value);
    } else {
      visit(key, std::nullopt);
    }
  });
}

absl::Status DatastoreBackend::Open() {
  const std::optional<Status> opened =
      Await<Status>([&](auto done) { datastore_.Open(std::move(done)); },
                    std::chrono::milliseconds(kOpenPatience));
  if (!opened) return Unavailable("the datastore did not open in time");
  return ToInternal(*opened);
}

absl::Status DatastoreBackend::Recover() {
  return AwaitStatus([&](auto done) { datastore_.Recover(std::move(done)); });
}

absl::Status DatastoreBackend::Commit(const env::WriteBatch& batch, bool sync) {
  const BatchChanges changes(batch);
  return AwaitStatus([&](auto done) { datastore_.Commit(changes, sync, std::move(done)); });
}

absl::Status DatastoreBackend::Sync() {
  return AwaitStatus([&](auto done) { datastore_.Sync(std::move(done)); });
}

absl::StatusOr<std::optional<Bytes>> DatastoreBackend::Get(std::string_view key) {
  using Found = Result<std::optional<std::string>>;
  Found found = *Await<Found>([&](auto done) { datastore_.Get(key, std::move(done)); });
  if (!found.ok()) return ToInternal(found.status());
  return *std::move(found);
}

absl::StatusOr<env::ScanResult> DatastoreBackend::Scan(const env::ScanRequest& request) {
  const ScanRange range{request.begin, request.end, request.bytes_max};
  auto page = *Await<Result<ScanPage>>([&](auto done) { datastore_.Scan(range, std::move(done)); });
  if (!page.ok()) return ToInternal(page.status());
  env::ScanResult result;
  result.complete = page->complete;
  result.rows.reserve(page->rows.size());
  for (Row& row : page->rows) result.rows.push_back({std::move(row.key), std::move(row.value)});
  return result;
}

absl::StatusOr<bool> DatastoreBackend::Maintain() {
  const Result<bool> more =
      *Await<Result<bool>>([&](auto done) { datastore_.Maintain(std::move(done)); });
  if (!more.ok()) return ToInternal(more.status());
  return *more;
}

absl::Status DatastoreBackend::Close() {
  return AwaitStatus([&](auto done) { datastore_.Close(std::move(done)); });
}

env::StorageBackend::Stats DatastoreBackend::stats() const {
  const DatastoreStats stats = datastore_.stats();
  Stats result;
  result.journal_bytes = stats.journal_bytes;
  result.journal_bytes_max = stats.journal_bytes_max;
  result.dirty_bytes = stats.dirty_bytes;
  result.dirty_bytes_max = stats.dirty_bytes_max;
  result.checkpoints = stats.checkpoints;
  return result;
}

}  // namespace quorate::api
