// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

class MemoryFactory {
 public:
  static constexpr bool kDurable = false;
  static std::unique_ptr<env::StorageBackend> Open() { return std::make_unique<MemoryBackend>(); }
};

// Around the bytes that are kept as numbers: shorter, as long, longer, and with zeros at the end.
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

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BackendConformance, MemoryFactory);

}  // namespace
}  // namespace quorate::storage
