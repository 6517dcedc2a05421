// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/dirty_set.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "engine/base/random.h"
#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

TEST(DirtySet, OrdersKeysAsUnsignedBytes) {
  // Shorter and longer than the prefix an entry holds, alike in all of it, and with zeros at its
  // end.
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
  DirtySet set(1);
  set.Apply(batch);
  std::vector<Bytes> found;
  for (const DirtySet::Entry& entry : set.Sorted()) found.emplace_back(entry.key());
  EXPECT_EQ(found, keys);
  for (const Bytes& key : keys) EXPECT_EQ(set.Find(key)->value(), key);
  EXPECT_EQ(set.Find("b"), nullptr);
}

TEST(DirtySet, RemembersDeletions) {
  DirtySet set(1);
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
  DirtySet set(1);
  const auto batches = *rc::gen::container<std::vector<env::WriteBatch>>(BatchGenerator());
  for (const env::WriteBatch& batch : batches) {
    const uint64_t before = set.bytes();
    set.Apply(batch);
    RC_ASSERT(set.bytes() <= before + DirtySet::BytesOf(batch));
  }
  uint64_t bytes = 0;
  for (const DirtySet::Entry& entry : set.Sorted()) {
    RC_ASSERT(entry.row->bytes() >=
              entry.key().size() + entry.row->value().size() + kDirtyRowOverhead);
    bytes += entry.row->bytes();
  }
  RC_ASSERT(set.bytes() == bytes);
  set.Clear();
  RC_ASSERT(set.empty());
  RC_ASSERT(set.bytes() == 0u);
}

// Sorted in between, so that rows come before, between and behind those that were in order already;
// values that grow out of their place and shrink into it again; sets that were moved and cleared.
RC_GTEST_PROP(DirtySet, AgreesWithAnOrderedMap, ()) {
  std::map<Bytes, std::optional<Bytes>> model;
  DirtySet set(*rc::gen::arbitrary<uint64_t>());
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8));
  for (const int step : steps) {
    if (step == 0) {
      DirtySet other(7);
      std::swap(set, other);
      RC_ASSERT(set.empty());
      std::swap(set, other);
    } else if (step == 1) {
      set.Clear();
      model.clear();
    } else {
      const env::WriteBatch batch = *BatchGenerator();
      set.Apply(batch);
      batch.ForEach([&](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
        model[Bytes(key)] =
            op == env::WriteBatch::Op::kPut ? std::optional<Bytes>(value) : std::optional<Bytes>();
      });
    }
    if (step % 2 == 0) continue;
    const DirtySet::Entries& rows = set.Sorted();
    RC_ASSERT(rows.size() == model.size());
    RC_ASSERT(set.size() == model.size());
    auto at = rows.begin();
    for (const auto& [key, value] : model) {
      RC_ASSERT(at->key() == key);
      RC_ASSERT(at->row->deleted() == !value.has_value());
      RC_ASSERT(at->row->value() == value.value_or(Bytes()));
      RC_ASSERT(set.Find(key) == at->row);
      RC_ASSERT(DirtySet::LowerBound(rows, key) == at);
      ++at;
    }
  }
}

// More rows than one block holds, and than the index begins with.
TEST(DirtySet, HoldsManyRows) {
  DirtySet set(3);
  env::WriteBatch batch;
  for (uint64_t i = 0; i < 50'000; ++i) batch.Put(Format("%d", KeyedHash(i)), Format("%d", i));
  batch.Put(Bytes(3 * kDirtyBlockBytesMax, 'k'), "a key larger than a block");
  set.Apply(batch);
  EXPECT_EQ(set.size(), 50'001u);
  for (uint64_t i = 0; i < 50'000; ++i) {
    ASSERT_EQ(set.Find(Format("%d", KeyedHash(i)))->value(), Format("%d", i));
  }
  const DirtySet::Entries& rows = set.Sorted();
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const auto& a, const auto& b) { return a.key() < b.key(); }));
}

}  // namespace
}  // namespace quorate::storage
