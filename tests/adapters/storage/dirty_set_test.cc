// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/dirty_set.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

TEST(DirtySet, OrdersKeysAsUnsignedBytes) {
  // Shorter and longer than the prefix a slot holds, alike in all of it, and with zeros at its end.
  const std::vector<Bytes> keys = {"",
                                   Bytes(1, '\0'),
                                   Bytes(16, '\0'),
                                   Bytes(17, '\0'),
                                   "a",
                                   Bytes("a\0", 2),
                                   "ab",
                                   "abcdefgh",
                                   "abcdefghijklmnop",
                                   Bytes("abcdefghijklmnop\0", 17),
                                   "abcdefghijklmnopq",
                                   "abcdefghijklmnoq",
                                   "\x7f",
                                   "\x80",
                                   "\xff"};
  env::WriteBatch batch;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) batch.Put(*key, *key);
  DirtySet set;
  set.Apply(batch);
  std::vector<Bytes> found;
  for (const DirtySet::Slot& slot : set.rows()) found.emplace_back(slot.key());
  EXPECT_EQ(found, keys);
  for (const Bytes& key : keys) EXPECT_EQ(set.Find(key)->value(), key);
  EXPECT_EQ(set.Find("b"), nullptr);
}

TEST(DirtySet, RemembersDeletions) {
  DirtySet set;
  env::WriteBatch batch;
  batch.Put("a", "value");
  batch.Delete("a");
  batch.Delete("b");
  set.Apply(batch);
  EXPECT_TRUE(set.Find("a")->deleted());
  EXPECT_TRUE(set.Find("b")->deleted());
  batch.Clear();
  batch.Put("a", "a longer value");
  set.Apply(batch);
  EXPECT_FALSE(set.Find("a")->deleted());
  EXPECT_EQ(set.Find("a")->value(), "a longer value");
}

RC_GTEST_PROP(DirtySet, CountsLogicalBytesExactly, ()) {
  DirtySet set;
  const auto batches = *rc::gen::container<std::vector<env::WriteBatch>>(BatchGenerator());
  for (const env::WriteBatch& batch : batches) {
    const uint64_t before = set.bytes();
    set.Apply(batch);
    RC_ASSERT(set.bytes() <= before + DirtySet::BytesOf(batch));
  }
  set.EraseFirst(*rc::gen::inRange<uint64_t>(0, 20));
  uint64_t bytes = 0;
  for (const DirtySet::Slot& slot : set.rows()) {
    bytes += slot.key().size() + slot.row->value().size() + kDirtyRowOverhead;
  }
  RC_ASSERT(set.bytes() == bytes);
  set.EraseFirst(set.rows().size());
  RC_ASSERT(set.empty());
  RC_ASSERT(set.bytes() == 0u);
}

}  // namespace
}  // namespace quorate::storage
