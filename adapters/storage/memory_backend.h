// SPDX-License-Identifier: Apache-2.0
// A backend without a disk, which dies with the process. For caches, for thousand-node simulations,
// and as the model that the other backends are compared with. Rows are found by their hash; they
// are sorted for the first Scan after a row has come or gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/probe_table.h"
#include "engine/env/storage.h"

namespace quorate::storage {

class MemoryBackend final : public env::StorageBackend {
 public:
  MemoryBackend() = default;
  MemoryBackend(const MemoryBackend& other) : rows_(other.rows_) {}
  MemoryBackend& operator=(const MemoryBackend& other);
  ~MemoryBackend() override = default;

  absl::Status Commit(const env::WriteBatch& batch, bool sync) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::StatusOr<std::optional<Bytes>> Get(std::string_view key) override;
  absl::StatusOr<env::ScanResult> Scan(const env::ScanRequest& request) override;
  absl::StatusOr<bool> Maintain() override { return false; }
  absl::Status Close() override { return absl::OkStatus(); }
  [[nodiscard]] Stats stats() const override { return {}; }
  // Asks for the memory that Commit will look at first.
  void FetchAhead(const env::WriteBatch& batch) const;

 private:
  // One piece of memory: sizes, key, value.
  class Row {
   public:
    Row() = default;
    Row(std::string_view key, std::string_view value) : content_(New(key, value)) {}
    Row(const Row& other)
        : content_(other.content_ == nullptr ? nullptr : New(other.key(), other.value())) {}
    Row(Row&&) = default;
    Row& operator=(const Row& other) { return *this = Row(other); }
    Row& operator=(Row&&) = default;
    ~Row() = default;
    [[nodiscard]] std::string_view key() const {
      return {content_.get() + sizeof(Sizes), sizes().key};
    }
    [[nodiscard]] std::string_view value() const {
      return {content_.get() + sizeof(Sizes) + sizes().key, sizes().value};
    }
    void Assign(std::string_view value);

   private:
    struct Sizes {
      uint32_t key = 0;
      uint32_t value = 0;
    };
    static std::unique_ptr<char[]> New(std::string_view key, std::string_view value);
    [[nodiscard]] Sizes sizes() const;
    std::unique_ptr<char[]> content_;  // null: a free slot of the table
  };

  void Sort();

  ProbeTable<Row> rows_;
  std::vector<const Row*> sorted_;  // all of rows_ by key, or none
};

}  // namespace quorate::storage
