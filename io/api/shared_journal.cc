// SPDX-License-Identifier: Apache-2.0
#include "io/api/shared_journal.h"

#include <utility>

namespace quorate::api {

template <typename Condition>
void SharedJournal::WaitFor(Lock& lock, Condition&& condition) {
  if (condition()) return;
  ++waiting_;
  changed_.wait(lock, condition);
  if (--waiting_ == 0) changed_.notify_all();
}

absl::Status SharedJournal::Recover() {
  const Lock lock(mutex_);
  return backend_->Recover();
}

absl::Status SharedJournal::Commit(const env::WriteBatch& batch, bool sync) {
  Lock lock(mutex_);
  WaitFor(lock, [&] { return !backend_->MustWait(batch) && !(sync && sync_is_out()); });
  return backend_->Commit(batch, sync);
}

absl::Status SharedJournal::Sync() {
  Lock lock(mutex_);
  WaitFor(lock, [this] { return !sync_is_out(); });
  const absl::StatusOr<bool> wanted = backend_->PrepareSync();
  if (!wanted.ok() || !*wanted) return wanted.status();
  lock.unlock();
  const absl::Status ran = backend_->RunSync();
  lock.lock();
  const absl::Status status = backend_->FinishSync(ran);
  changed_.notify_all();
  return status;
}

absl::StatusOr<bool> SharedJournal::Maintain() {
  Lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ == 0 && !step_is_out() && !sync_is_out(); });
  const absl::StatusOr<bool> wanted = backend_->PrepareStep();
  if (!wanted.ok() || !*wanted) return wanted;
  lock.unlock();
  const absl::Status ran = backend_->RunStep();
  lock.lock();
  absl::StatusOr<bool> more = backend_->FinishStep(ran);
  changed_.notify_all();
  return more;
}

absl::StatusOr<std::optional<Bytes>> SharedJournal::Get(std::string_view key) {
  Lock lock(mutex_);
  WaitFor(lock, [this] { return !step_is_out(); });
  return backend_->Get(key);
}

absl::StatusOr<env::ScanResult> SharedJournal::Scan(const env::ScanRequest& request) {
  Lock lock(mutex_);
  WaitFor(lock, [this] { return !step_is_out(); });
  return backend_->Scan(request);
}

absl::Status SharedJournal::Close() {
  Lock lock(mutex_);
  WaitFor(lock, [this] { return !step_is_out() && !sync_is_out(); });
  return backend_->Close();
}

env::StorageBackend::Stats SharedJournal::stats() const {
  const Lock lock(mutex_);
  return backend_->stats();
}

}  // namespace quorate::api
