// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "engine/base/random.h"
#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

class MemoryFactory {
 public:
  static constexpr bool kDurable = false;
  static std::unique_ptr<env::StorageBackend> Open() { return std::make_unique<MemoryBackend>(); }
};

// Prefixes of each other, and zeros at the end.
TEST(MemoryBackend, OrdersKeysThatBeginAlike) {
  std::set<Bytes> keys;
  for (const char last : {'\0', 'a', '\xff'}) {
    for (const size_t size : {0u, 1u, 7u, 8u, 9u, 15u, 16u, 17u, 30u}) {
      keys.insert(Bytes(size, 'a'));
      keys.insert(Bytes(size, 'a') + last);
      keys.insert(Bytes(size, 'a') + last + 'b');
    }
  }
  MemoryBackend backend;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    env::WriteBatch batch;
    batch.Put(*key, *key);
    ASSERT_TRUE(backend.Commit(batch, true).ok());
  }
  for (const Bytes& key : keys) {
    EXPECT_EQ(backend.Get(key).value(), std::optional<Bytes>(key));
    env::ScanRequest request;
    request.begin = key;
    request.bytes_max = 1 << 20;
    const env::ScanResult rows = backend.Scan(request).value();
    ASSERT_EQ(rows.rows.size(), static_cast<size_t>(std::distance(keys.find(key), keys.end())));
    EXPECT_TRUE(std::equal(rows.rows.begin(), rows.rows.end(), keys.find(key),
                           [](const auto& row, const Bytes& wanted) { return row.key == wanted; }));
  }
}

std::map<Bytes, Bytes> RowsOf(MemoryBackend& backend) {
  env::ScanRequest request;
  request.bytes_max = 1 << 20;
  std::map<Bytes, Bytes> rows;
  const env::ScanResult scanned = backend.Scan(request).value();
  for (const auto& row : scanned.rows) rows[row.key] = row.value;
  return rows;
}

// What was sorted for one scan counts for the next only while no row has come or gone; a copy has
// rows of its own.
TEST(MemoryBackend, ScansAndCopiesAreOfTheRowsThatAreThere) {
  MemoryBackend backend;
  std::map<Bytes, Bytes> model;
  Prng prng(11);
  for (int i = 0; i < 3000; ++i) {
    const Bytes key = "key" + std::to_string(prng.Below(100));
    env::WriteBatch batch;
    if (prng.Chance(1, 3)) {
      batch.Delete(key);
      model.erase(key);
    } else {
      model[key] = Bytes(prng.Below(20), 'v') + std::to_string(i);
      batch.Put(key, model[key]);
    }
    ASSERT_TRUE(backend.Commit(batch, true).ok());
    if (prng.Chance(1, 2)) {
      ASSERT_EQ(RowsOf(backend), model);
    }
    if (!prng.Chance(1, 20)) continue;
    MemoryBackend copy(backend);
    env::WriteBatch only;
    only.Put("only in the original", "v");
    ASSERT_TRUE(backend.Commit(only, true).ok());
    ASSERT_EQ(RowsOf(copy), model);
    ASSERT_EQ(RowsOf(backend).size(), model.size() + 1);
    backend = copy;
    ASSERT_EQ(RowsOf(backend), model);
  }
}

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BackendConformance, MemoryFactory);

}  // namespace
}  // namespace quorate::storage
