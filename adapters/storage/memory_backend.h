// SPDX-License-Identifier: Apache-2.0
// A backend without a disk: an ordered map that dies with the process. For caches, for
// thousand-node simulations, and as the model that the other backends are compared with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/container/btree_set.h"
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
  // The first bytes of a row's key as a number of the same order. They lie in the tree's node and
  // tell nearly all keys apart, so a search does not fetch the bytes of every key on its way.
  static uint64_t PrefixOf(std::string_view key);
  struct Key {
    explicit Key(std::string_view key) : prefix(PrefixOf(key)), bytes(key) {}
    uint64_t prefix;
    std::string_view bytes;
    [[nodiscard]] std::string_view key() const { return bytes; }
  };
  // Two words in the tree's node: the prefix and one piece of memory with all else. A tree's
  // entries are const for their order, which is that of the keys: the value may change.
  class Row {
   public:
    Row(const Key& key, std::string_view value)
        : prefix(key.prefix), content_(New(key.bytes, value)) {}
    Row(const Row& other) : Row(Key(other.key()), other.value()) {}
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
    void Assign(std::string_view value) const;
    uint64_t prefix;

   private:
    struct Sizes {
      uint32_t key;
      uint32_t value;
    };
    static std::unique_ptr<char[]> New(std::string_view key, std::string_view value);
    [[nodiscard]] Sizes sizes() const;
    mutable std::unique_ptr<char[]> content_;  // sizes, key, value
  };
  struct Less {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      return a.key() < b.key();
    }
  };
  absl::btree_set<Row, Less> rows_;
};

}  // namespace quorate::storage
