// SPDX-License-Identifier: Apache-2.0
// What every StorageBackend must do, whatever it is made of. A backend takes part by a Factory: a
// class with `static constexpr bool kDurable`, and `std::unique_ptr<env::StorageBackend> Open()`,
// which may be called again after the last one was closed or destroyed and then finds what was
// stored. What it gives was not recovered yet.
//
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BackendConformance, MemoryFactory);
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "engine/env/storage.h"

namespace quorate::storage {

using Model = std::map<Bytes, Bytes>;

inline Model ReadAll(env::StorageBackend& backend, size_t bytes_max = 1 << 20) {
  Model rows;
  env::ScanRequest request{.begin = {}, .end = {}, .bytes_max = bytes_max};
  while (true) {
    const auto result = backend.Scan(request);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return rows;
    for (const env::Row& row : result->rows) {
      EXPECT_TRUE(rows.empty() || rows.rbegin()->first < row.key) << "rows out of order";
      rows.emplace(row.key, row.value);
    }
    if (result->complete) return rows;
    EXPECT_FALSE(result->rows.empty()) << "an incomplete scan gave nothing";
    if (result->rows.empty()) return rows;
    request.begin = result->rows.back().key + Bytes(1, '\0');
  }
}

inline void ApplyTo(Model& model, const env::WriteBatch& batch) {
  batch.ForEach([&](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    if (op == env::WriteBatch::Op::kPut) {
      model[Bytes(key)] = value;
    } else {
      model.erase(Bytes(key));
    }
  });
}

// Few keys, so that they collide; some empty, some long, some that are prefixes of others.
inline Bytes KeyOf(uint64_t draw) {
  static constexpr std::string_view kTails[] = {"", "a", "ab", "\xff", "\xff\xff", "m"};
  Bytes key(1, static_cast<char>('a' + draw % 5));
  key += kTails[draw / 5 % 6];
  if (draw % 31 == 0) key.clear();
  if (draw % 37 == 0) key += Bytes(300, 'k');
  return key;
}

inline rc::Gen<env::WriteBatch> BatchGenerator() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::tuple<bool, uint64_t, uint16_t>>>(
          rc::gen::tuple(rc::gen::weightedElement<bool>({{3, true}, {1, false}}),
                         rc::gen::inRange<uint64_t>(0, 1000), rc::gen::inRange<uint16_t>(0, 3000))),
      [](const std::vector<std::tuple<bool, uint64_t, uint16_t>>& operations) {
        env::WriteBatch batch;
        for (const auto& [put, key, size] : operations) {
          if (put) {
            batch.Put(KeyOf(key), Bytes(size, static_cast<char>(key)));
          } else {
            batch.Delete(KeyOf(key));
          }
        }
        return batch;
      });
}

template <typename Factory>
class BackendConformance : public testing::Test {
 protected:
  env::StorageBackend& Open() {
    backend_.reset();  // before the next one: a store has one user
    backend_ = factory_.Open();
    const absl::Status recovered = backend_->Recover();
    EXPECT_TRUE(recovered.ok()) << recovered;
    return *backend_;
  }
  void Put(env::StorageBackend& backend, std::string_view key, std::string_view value) {
    env::WriteBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(backend.Commit(batch, true).ok());
  }

  Factory factory_;
  std::unique_ptr<env::StorageBackend> backend_;
};

TYPED_TEST_SUITE_P(BackendConformance);

TYPED_TEST_P(BackendConformance, GivesWhatWasPut) {
  env::StorageBackend& backend = this->Open();
  EXPECT_EQ(*backend.Get("a"), std::nullopt);
  this->Put(backend, "a", "1");
  this->Put(backend, "a", "2");
  EXPECT_EQ(*backend.Get("a"), "2");
  EXPECT_EQ(*backend.Get("aa"), std::nullopt);
}

TYPED_TEST_P(BackendConformance, AppliesABatchInOrder) {
  env::StorageBackend& backend = this->Open();
  env::WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Put("b", "1");
  batch.Put("b", "2");
  batch.Delete("c");
  batch.Put("c", "3");
  ASSERT_TRUE(backend.Commit(batch, false).ok());
  EXPECT_EQ(ReadAll(backend), (Model{{"b", "2"}, {"c", "3"}}));
}

TYPED_TEST_P(BackendConformance, KeepsEmptyKeysAndValuesAndAnyByte) {
  env::StorageBackend& backend = this->Open();
  const Bytes odd("\0\xff\n\0", 4);
  this->Put(backend, "", "empty key");
  this->Put(backend, odd, odd);
  this->Put(backend, "empty value", "");
  EXPECT_EQ(*backend.Get(""), "empty key");
  EXPECT_EQ(*backend.Get(odd), odd);
  EXPECT_EQ(*backend.Get("empty value"), "");
  EXPECT_EQ(ReadAll(backend).size(), 3u);
}

TYPED_TEST_P(BackendConformance, ComparesKeysAsUnsignedBytes) {
  env::StorageBackend& backend = this->Open();
  for (const char* key : {"\x7f", "\x80", "\xff", "a", "ab"}) this->Put(backend, key, "x");
  const auto result = backend.Scan({.begin = "ab", .end = "\xff", .bytes_max = 100});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->complete);
  EXPECT_EQ(result->rows, (std::vector<env::Row>{{"ab", "x"}, {"\x7f", "x"}, {"\x80", "x"}}));
}

TYPED_TEST_P(BackendConformance, EndsAScanAtItsLimitButGivesOneRow) {
  env::StorageBackend& backend = this->Open();
  for (const char* key : {"a", "b", "c"}) this->Put(backend, key, "1234");
  auto result = backend.Scan({.begin = "a", .end = {}, .bytes_max = 10});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows.size(), 2u);
  EXPECT_FALSE(result->complete);
  result = backend.Scan({.begin = "b", .end = {}, .bytes_max = 0});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows, (std::vector<env::Row>{{"b", "1234"}}));
  EXPECT_FALSE(result->complete);
  result = backend.Scan({.begin = "c", .end = {}, .bytes_max = 5});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows.size(), 1u);
  EXPECT_TRUE(result->complete);
  result = backend.Scan({.begin = "d", .end = "b", .bytes_max = 5});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->rows.empty() && result->complete);
}

TYPED_TEST_P(BackendConformance, TakesAnEmptyBatch) {
  env::StorageBackend& backend = this->Open();
  EXPECT_TRUE(backend.Commit(env::WriteBatch(), true).ok());
  EXPECT_TRUE(backend.Sync().ok());
  EXPECT_TRUE(ReadAll(backend).empty());
}

TYPED_TEST_P(BackendConformance, KeepsALargeValue) {
  env::StorageBackend& backend = this->Open();
  const Bytes large(size_t{3} << 20, 'v');
  this->Put(backend, "large", large);
  EXPECT_EQ(*backend.Get("large"), large);
}

TYPED_TEST_P(BackendConformance, FinishesItsMaintenance) {
  env::StorageBackend& backend = this->Open();
  for (int i = 0; i < 200; ++i) this->Put(backend, Format("key %d", i), Bytes(200, 'v'));
  int steps = 0;
  while (*backend.Maintain()) ASSERT_LT(++steps, 10000);
  EXPECT_EQ(ReadAll(backend).size(), 200u);
}

TYPED_TEST_P(BackendConformance, FindsItsRowsAgainOrNone) {
  Model model;
  for (int round = 0; round < 4; ++round) {
    env::StorageBackend& backend = this->Open();
    if (!TypeParam::kDurable) model.clear();
    EXPECT_EQ(ReadAll(backend), model);
    env::WriteBatch batch;
    for (int i = 0; i < 50; ++i) batch.Put(Format("key %d", i * (round + 1)), Format("%d", round));
    batch.Delete(Format("key %d", round));
    ASSERT_TRUE(backend.Commit(batch, round != 1).ok());
    ApplyTo(model, batch);
    if (round % 2 == 0) {
      ASSERT_TRUE(backend.Close().ok());
    }
  }
  EXPECT_EQ(ReadAll(this->Open()), TypeParam::kDurable ? model : Model());
}

// Rows that a start reads and writes before it recovers the rest.
TYPED_TEST_P(BackendConformance, KeepsEarlyRowsFromStartToStart) {
  std::optional<Bytes> life;
  Model model;
  for (int start = 0; start < 5; ++start) {
    this->backend_.reset();
    this->backend_ = this->factory_.Open();
    env::StorageBackend& backend = *this->backend_;
    if (!TypeParam::kDurable) life.reset(), model.clear();
    EXPECT_EQ(*backend.Get("life"), life);
    life = Format("%d", start);
    this->Put(backend, "life", *life);
    EXPECT_EQ(*backend.Get("life"), life);
    model["life"] = *life;
    if (start == 1) {
      ASSERT_TRUE(backend.Close().ok());
      continue;
    }
    ASSERT_TRUE(backend.Recover().ok());
    EXPECT_EQ(ReadAll(backend), model);
    for (int i = 0; i < 50; ++i) {
      this->Put(backend, Format("key %d", i), *life);
      model[Format("key %d", i)] = *life;
    }
    EXPECT_EQ(ReadAll(backend), model);
    if (start == 3) {
      ASSERT_TRUE(backend.Close().ok());
    }
  }
}

TYPED_TEST_P(BackendConformance, AgreesWithAnOrderedMap) {
  rc::check([] {
    TypeParam factory;
    auto backend = factory.Open();
    RC_ASSERT(backend->Recover().ok());
    Model model;
    const int steps = *rc::gen::inRange(1, 40);
    for (int step = 0; step < steps; ++step) {
      switch (*rc::gen::inRange(0, TypeParam::kDurable ? 7 : 6)) {
        case 0:
        case 1:
        case 2: {
          const env::WriteBatch batch = *BatchGenerator();
          RC_ASSERT(backend->Commit(batch, *rc::gen::arbitrary<bool>()).ok());
          ApplyTo(model, batch);
          break;
        }
        case 3: {
          const Bytes key = KeyOf(*rc::gen::inRange<uint64_t>(0, 1000));
          const auto row = model.find(key);
          const auto value = backend->Get(key);
          RC_ASSERT(value.ok());
          RC_ASSERT(*value ==
                    (row == model.end() ? std::nullopt : std::optional<Bytes>(row->second)));
          break;
        }
        case 4:
          RC_ASSERT(ReadAll(*backend, *rc::gen::inRange<size_t>(0, 5000)) == model);
          break;
        case 5:
          RC_ASSERT(backend->Maintain().ok());
          break;
        default:
          if (*rc::gen::arbitrary<bool>()) RC_ASSERT(backend->Close().ok());
          backend.reset();
          backend = factory.Open();
          RC_ASSERT(backend->Recover().ok());
          break;
      }
    }
    RC_ASSERT(ReadAll(*backend) == model);
  });
}

REGISTER_TYPED_TEST_SUITE_P(BackendConformance, GivesWhatWasPut, AppliesABatchInOrder,
                            KeepsEmptyKeysAndValuesAndAnyByte, ComparesKeysAsUnsignedBytes,
                            EndsAScanAtItsLimitButGivesOneRow, TakesAnEmptyBatch, KeepsALargeValue,
                            FinishesItsMaintenance, FindsItsRowsAgainOrNone,
                            KeepsEarlyRowsFromStartToStart, AgreesWithAnOrderedMap);

}  // namespace quorate::storage
