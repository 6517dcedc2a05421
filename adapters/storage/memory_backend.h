// SPDX-License-Identifier: Apache-2.0
// A backend without a disk: an ordered map that dies with the process. For caches, for
// thousand-node simulations, and as the model that the other backends are compared with.
#pragma once

#include <functional>
#include <map>

#include "engine/env/storage.h"

namespace quorate::storage {

class MemoryBackend final : public env::StorageBackend {
 public:
  absl::Status Commit(const env::WriteBatch& batch, bool sync) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::StatusOr<std::optional<Bytes>> Get(std::string_view key) override;
  absl::StatusOr<env::ScanResult> Scan(const env::ScanRequest& request) override;
  absl::StatusOr<bool> Maintain() override { return false; }
  absl::Status Close() override { return absl::OkStatus(); }
  [[nodiscard]] Stats stats() const override { return {}; }

 private:
  std::map<Bytes, Bytes, std::less<>> rows_;
};

}  // namespace quorate::storage
