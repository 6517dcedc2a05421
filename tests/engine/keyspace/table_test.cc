// SPDX-License-Identifier: Apache-2.0
// The table against std::map, with hashes and tags that crowd places together: nested directories
// and overflow lists, also while the directory above them grows.
#include "engine/keyspace/table.h"

#include <map>
#include <set>

#include "engine/keyspace/keyspace.h"
#include "tests/engine/keyspace/cell_generators.h"

namespace quorate::keyspace {
namespace {

using PlacedKey = std::pair<Place, std::string>;

class ModelledTable {
 public:
  explicit ModelledTable(hash::KeyPlacer placer) : placer_(placer) {}

  // Writes `value` at the next version.
  void Set(const std::string& key, const std::string& value) {
    Bytes packed;
    CellWriter(packed).String(MakeVersion(++time_, 1), value);
    const Place place = placer_(key);
    Object* held = table_.Find(place, key);
    const uint64_t before = held == nullptr ? 0 : DigestOf(*held, writers_);
    Changes changes;
    Object* merged = Merge(held, key, packed, writers_, changes);
    const uint64_t after = DigestOf(*merged, writers_);
    if (held == nullptr) {
      table_.Insert(place, merged, after);
    } else {
      table_.Replace(place, held, merged, after - before);
    }
    model_[{place, key}] = value;
  }

  void Erase(const std::string& key) {
    const Place place = placer_(key);
    Object* held = table_.Find(place, key);
    ASSERT_EQ(held != nullptr, model_.contains({place, key}));
    if (held == nullptr) return;
    table_.Erase(place, held, DigestOf(*held, writers_));
    model_.erase({place, key});
  }

  // Everything that can be asked is as the model has it.
  void Check() const {
    ASSERT_EQ(table_.size(), model_.size());
    uint64_t digest = 0;
    auto expected = model_.begin();
    table_.ForEachFrom(Place{}, [&](Place place, const Object& object) {
      EXPECT_NE(expected, model_.end());
      if (expected == model_.end()) return false;
      EXPECT_EQ(place, expected->first.first);
      EXPECT_EQ(object.key(), expected->first.second);
      digest += DigestOf(object, writers_);
      ++expected;
      return true;
    });
    EXPECT_EQ(expected, model_.end());
    EXPECT_EQ(table_.digest(), digest);
    for (const auto& [placed, value] : model_) {
      const Object* object = table_.Find(placed.first, placed.second);
      ASSERT_NE(object, nullptr) << placed.second;
      EXPECT_EQ(static_cast<const CompactObject*>(object)->value(), value);
    }
  }

  void CheckFrom(Place from) const {
    std::vector<PlacedKey> found;
    table_.ForEachFrom(from, [&](Place place, const Object& object) {
      found.emplace_back(place, object.key());
      return true;
    });
    std::vector<PlacedKey> expected;
    for (auto at = model_.lower_bound({from, ""}); at != model_.end(); ++at) {
      expected.push_back(at->first);
    }
    EXPECT_EQ(found, expected);
  }

  [[nodiscard]] const Table& table() const { return table_; }
  [[nodiscard]] const std::map<PlacedKey, std::string>& model() const { return model_; }

 private:
  hash::KeyPlacer placer_;
  WriterTable writers_;
  Table table_{placer_, writers_, Place{}, 0};
  std::map<PlacedKey, std::string> model_;
  uint64_t time_ = 0;
};

// Keys that crowd: few tags, so few places, and many without one.
rc::Gen<std::string> AnyKey() {
  return rc::gen::apply(
      [](int tag, int number) {
        const std::string text = std::to_string(number);
        return tag < 3 ? "{" + std::to_string(tag) + "}" + text : text;
      },
      rc::gen::inRange(0, 6), rc::gen::inRange(0, 300));
}

rc::Gen<hash::KeyPlacer> AnyPlacer() {
  return rc::gen::map(
      rc::gen::element(hash::KeyHash::kXxh3, hash::KeyHash::kCrc16, hash::KeyHash::kCrc32,
                       hash::KeyHash::kCrc16Slots, hash::KeyHash::kMurmur),
      [](hash::KeyHash hash) {
        return hash::KeyPlacer{hash, hash::HashTag::RedisCluster()};
      });
}

RC_GTEST_PROP(Table, AgreesWithAnOrderedMap, ()) {
  ModelledTable table(*AnyPlacer());
  const auto steps =
      *rc::gen::scale(8.0, rc::gen::container<std::vector<std::pair<int, std::string>>>(
                               rc::gen::pair(rc::gen::inRange(0, 5), AnyKey())));
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].first == 0) {
      table.Erase(steps[i].second);
    } else {
      table.Set(steps[i].second, std::string(i % 4, 'x'));
    }
  }
  table.Check();
  table.CheckFrom(Place{*rc::gen::arbitrary<uint64_t>()});
  RC_ASSERT(!testing::Test::HasFailure());
}

RC_GTEST_PROP(Table, DigestAndOrderDoNotDependOnTheOrderOfInsertion, ()) {
  const hash::KeyPlacer placer = *AnyPlacer();
  const auto drawn = *rc::gen::scale(8.0, rc::gen::container<std::set<std::string>>(AnyKey()));
  const std::vector<std::string> keys(drawn.begin(), drawn.end());
  WriterTable writers;
  Table forward(placer, writers, Place{}, 0);
  Table backward(placer, writers, Place{}, 0);
  Bytes packed;
  CellWriter(packed).String(MakeVersion(5, 1), "v");
  const auto insert = [&](Table& table, const std::string& key) {
    Changes changes;
    Object* object = Merge(nullptr, key, packed, writers, changes);
    table.Insert(placer(key), object, DigestOf(*object, writers));
  };
  for (const std::string& key : keys) insert(forward, key);
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) insert(backward, *key);
  RC_ASSERT(forward.digest() == backward.digest());
  std::vector<std::string> order[2];
  for (const Table* table : {&forward, &backward}) {
    table->ForEachFrom(Place{}, [&, table](Place, const Object& object) {
      order[table == &forward ? 0 : 1].emplace_back(object.key());
      return true;
    });
  }
  RC_ASSERT(order[0] == order[1]);
}

// A nested directory is halved each time the one above it doubles.
TEST(Table, GrowsAboveNestedDirectories) {
  ModelledTable table({hash::KeyHash::kXxh3, hash::HashTag::RedisCluster()});
  for (int i = 0; i < 40; ++i) {
    for (const char* tag : {"{a}", "{b}", "{c}"}) table.Set(tag + std::to_string(i), "v");
  }
  table.Check();
  for (int i = 0; i < 20'000; ++i) table.Set(std::to_string(i), "v");
  table.Check();
  for (int i = 0; i < 20'000; i += 3) table.Erase(std::to_string(i));
  for (int i = 0; i < 40; i += 2) table.Erase("{b}" + std::to_string(i));
  table.Check();
  table.CheckFrom(hash::KeyPlacer{hash::KeyHash::kXxh3, hash::HashTag::RedisCluster()}("{a}"));
}

TEST(Table, HoldsManyKeysOfOnePlace) {
  ModelledTable table({hash::KeyHash::kXxh3, hash::HashTag::RedisCluster()});
  for (int i = 0; i < 3000; ++i) table.Set("{same}" + std::to_string(i * 7919 % 3000), "v");
  table.Check();
  for (int i = 0; i < 3000; ++i) table.Set("{same}" + std::to_string(i), "a longer value");
  table.Check();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(table.table().FindAll(hash::KeyPlacer()(std::to_string(i))).empty());
  }
  for (int i = 0; i < 3000; ++i) table.Erase("{same}" + std::to_string(i));
  table.Check();
  EXPECT_EQ(table.table().digest(), 0u);
}

TEST(Table, IndexTakesFewBytesPerKey) {
  ModelledTable table({});
  constexpr size_t kKeys = 100'000;
  for (size_t i = 0; i < kKeys; ++i) table.Set(std::to_string(i), "v");
  EXPECT_LT(table.table().index_bytes() / kKeys, kIndexBytesEach);
}

// So many keys whose places begin with this byte.
std::vector<std::string> KeysAt(uint8_t top, size_t count) {
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < count; ++i) {
    std::string key = std::to_string(i);
    if (hash::KeyPlacer()(key).value >> 56 == top) keys.push_back(std::move(key));
  }
  return keys;
}

// As a node of a large cluster has them.
TEST(Table, ANarrowRangeTakesNoMoreIndexThanAWideOne) {
  ModelledTable narrow({});
  ModelledTable wide({});
  for (const std::string& key : KeysAt(0x5a, 400)) narrow.Set(key, "v");
  for (int i = 0; i < 400; ++i) wide.Set(std::to_string(i), "v");
  EXPECT_LE(narrow.table().index_bytes(), wide.table().index_bytes() * 5 / 4);
}

// Ranges that come behind one another, each with keys enough for a bucket, a directory or more.
RC_GTEST_PROP(Table, TakesKeysOutsideTheRangeThatAllOthersAreIn, ()) {
  ModelledTable table({});
  const auto ranges = *rc::gen::container<std::vector<std::pair<int, int>>>(
      4, rc::gen::pair(rc::gen::element(0x00, 0x5a, 0x5b, 0x7f, 0x80, 0xff),
                       rc::gen::element(1, 13, 14, 60, 200)));
  for (const auto& [top, count] : ranges) {
    for (const std::string& key : KeysAt(static_cast<uint8_t>(top), static_cast<size_t>(count))) {
      table.Set(key, "v");
    }
    table.Check();
    for (const uint64_t from : {uint64_t{0x5a}, uint64_t{0x5b}, uint64_t{0x80}}) {
      table.CheckFrom(Place{(from << 56) - 1});
      table.CheckFrom(Place{(from << 56) + (uint64_t{1} << 55)});
    }
  }
  const std::string outside = KeysAt(0x33, 1).front();
  RC_ASSERT(table.table().Find(hash::KeyPlacer()(outside), outside) == nullptr);
  RC_ASSERT(table.table().FindAll(hash::KeyPlacer()(outside)).empty());
  for (int i = 0; i < 3000; i += 2) table.Set(std::to_string(i), "w");
  for (const std::string& key : KeysAt(static_cast<uint8_t>(ranges[0].first), 1)) table.Erase(key);
  table.Check();
  RC_ASSERT(!testing::Test::HasFailure());
}

TEST(Table, VisitingStopsWhenTheVisitorSaysSo) {
  ModelledTable table({});
  for (int i = 0; i < 1000; ++i) table.Set(std::to_string(i), "v");
  int visited = 0;
  table.table().ForEachFrom(Place{}, [&](Place, const Object&) { return ++visited < 10; });
  EXPECT_EQ(visited, 10);
}

}  // namespace
}  // namespace quorate::keyspace
