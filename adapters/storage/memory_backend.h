// SPDX-License-Identifier: Apache-2.0
// A backend without a disk: an ordered map that dies with the process. For caches, for
// thousand-node simulations, and as the model that the other backends are compared with.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string_view>

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
  // The first bytes of a row's key as numbers of the same order. They lie in the map's node and
  // tell nearly all keys apart, so a search does not fetch the bytes of every key on its way.
  struct Prefix {
    explicit Prefix(std::string_view key) : high(Word(key, 0)), low(Word(key, 8)) {}
    static uint64_t Word(std::string_view key, size_t from);
    uint64_t high;
    uint64_t low;
    friend auto operator<=>(const Prefix&, const Prefix&) = default;
  };
  template <typename Text>
  struct Key {
    explicit Key(std::string_view key) : prefix(key), text(key) {}
    Prefix prefix;
    Text text;
  };
  struct Less {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const Key<A>& a, const Key<B>& b) const {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      return std::string_view(a.text) < std::string_view(b.text);
    }
  };
  std::map<Key<Bytes>, Bytes, Less> rows_;
};

}  // namespace quorate::storage
