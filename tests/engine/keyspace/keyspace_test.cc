// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/keyspace.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "tests/engine/keyspace/cell_generators.h"

namespace quorate::keyspace {
namespace {

constexpr uint16_t kPartitions = 7;

// Rows as a store holds them, in key order.
using Rows = std::map<Bytes, Bytes>;

void Commit(const env::WriteBatch& batch, Rows& rows) {
  batch.ForEach([&rows](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    if (op == env::WriteBatch::Op::kPut) {
      rows[Bytes(key)] = value;
    } else {
      rows.erase(Bytes(key));
    }
  });
}

class OpenKeyspace : public Keyspace {
 public:
  explicit OpenKeyspace(bool sole_owner)
      : Keyspace({.pool = PoolId{3},
                  .placer = {},
                  .partitions = kPartitions,
                  .sole_owner = sole_owner}) {
    for (uint16_t i = 0; i < kPartitions; ++i) OpenPartition(PartitionId{i});
  }
};

std::vector<uint64_t> Digests(const Keyspace& keyspace) {
  std::vector<uint64_t> digests;
  for (uint16_t i = 0; i < kPartitions; ++i) digests.push_back(keyspace.digest(PartitionId{i}));
  return digests;
}

// The state of every key that is held.
std::map<std::string, Bytes> States(const Keyspace& keyspace) {
  std::map<std::string, Bytes> states;
  keyspace.ForEachFrom(Place{}, [&](Place, Object& object) {
    PackObject(object, keyspace.writers(), states[std::string(object.key())]);
    return true;
  });
  return states;
}

void Load(const Rows& rows, Keyspace& keyspace) {
  for (const auto& [key, value] : rows) {
    ASSERT_GE(key, keyspace.RowsBegin());
    ASSERT_LT(key, keyspace.RowsEnd());
    ASSERT_TRUE(keyspace.LoadRow(key, value).ok());
  }
}

struct Step {
  std::string key;
  Bytes packed;
};
rc::Gen<std::vector<Step>> AnySteps() {
  return rc::gen::container<std::vector<Step>>(rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, 8), AnyCells()), [](const std::pair<int, Bytes>& drawn) {
        return Step{"key" + std::to_string(drawn.first), drawn.second};
      }));
}

void Apply(const Step& step, Keyspace& keyspace, Rows& rows) {
  env::WriteBatch batch;
  keyspace.Apply(keyspace.PlaceOf(step.key), step.key, step.packed, &batch);
  Commit(batch, rows);
}

RC_GTEST_PROP(Keyspace, ReloadedRowsGiveTheSameState, ()) {
  OpenKeyspace keyspace(false);
  Rows rows;
  for (const Step& step : *AnySteps()) Apply(step, keyspace, rows);
  OpenKeyspace reloaded(false);
  Load(rows, reloaded);
  RC_ASSERT(States(reloaded) == States(keyspace));
  RC_ASSERT(Digests(reloaded) == Digests(keyspace));
  RC_ASSERT(reloaded.objects() == keyspace.objects());
  RC_ASSERT(reloaded.deadlines() == keyspace.deadlines());
  RC_ASSERT(reloaded.dead() == keyspace.dead());
}

// The same rows, though not the same bytes: a head that has not changed since the object was
// compact is stored in the compact form.
RC_GTEST_PROP(Keyspace, StoreAllWritesTheRowsThatTheBatchesWrote, ()) {
  OpenKeyspace keyspace(false);
  Rows rows;
  for (const Step& step : *AnySteps()) Apply(step, keyspace, rows);
  Rows stored;
  keyspace.StoreAll(
      [&](std::string_view key, std::string_view value) { stored[Bytes(key)] = value; });
  RC_ASSERT(stored.size() == rows.size());
  for (const auto& [key, value] : rows) RC_ASSERT(stored.contains(key));
  OpenKeyspace reloaded(false);
  Load(stored, reloaded);
  RC_ASSERT(States(reloaded) == States(keyspace));
}

// A sole owner forgets what is dead, so what it shows, not its cells, must survive.
RC_GTEST_PROP(Keyspace, ASoleOwnersRowsGiveBackWhatClientsSaw, ()) {
  OpenKeyspace keyspace(true);
  Rows rows;
  for (const Step& step : *AnySteps()) Apply(step, keyspace, rows);
  OpenKeyspace reloaded(true);
  Load(rows, reloaded);
  keyspace.ForEachFrom(Place{}, [&](Place place, Object& object) {
    const ObjectView before = keyspace.View(&object);
    const ObjectView after = reloaded.View(reloaded.Find(place, object.key()));
    RC_ASSERT(after.type() == before.type());
    RC_ASSERT(after.fields() == before.fields());
    RC_ASSERT(after.deadline_ms() == before.deadline_ms());
    Bytes one;
    Bytes other;
    if (before.type() == ObjectType::kString) {
      RC_ASSERT(after.String(one) == before.String(other));
    }
    return true;
  });
}

RC_GTEST_PROP(Keyspace, CountsAreThoseOfItsObjects, ()) {
  OpenKeyspace keyspace(*rc::gen::arbitrary<bool>());
  Rows rows;
  for (const Step& step : *AnySteps()) Apply(step, keyspace, rows);
  size_t objects = 0;
  size_t dead = 0;
  size_t deadlines = 0;
  keyspace.ForEachFrom(Place{}, [&](Place, Object& object) {
    ++objects;
    if (object.form() == Object::Form::kDead) ++dead;
    if (keyspace.View(&object).deadline_ms().has_value()) ++deadlines;
    return true;
  });
  RC_ASSERT(keyspace.objects() == objects);
  RC_ASSERT(keyspace.dead() == dead);
  RC_ASSERT(keyspace.deadlines() == deadlines);
}

Bytes HashWith(uint64_t time, std::string_view field) {
  Bytes packed;
  CellWriter writer(packed);
  writer.Type(MakeVersion(time, 1), ObjectType::kHash);
  writer.Field(MakeVersion(time, 1), field, "v");
  return packed;
}

Bytes StringWith(const Version& version, int64_t deadline_ms) {
  Bytes packed;
  CellWriter writer(packed);
  writer.String(version, "v");
  writer.Deadline(version, deadline_ms);
  return packed;
}

TEST(Keyspace, ASoleOwnersHashesSurviveARestart) {
  OpenKeyspace keyspace(true);
  Rows rows;
  Apply({"h", HashWith(5, "f")}, keyspace, rows);
  OpenKeyspace reloaded(true);
  Load(rows, reloaded);
  EXPECT_EQ(States(reloaded), States(keyspace));
  EXPECT_EQ(reloaded.View(reloaded.Find(reloaded.PlaceOf("h"), "h")).fields(), 1u);
}

TEST(Keyspace, ASoleOwnerKeepsNothingOfADeletedKey) {
  OpenKeyspace keyspace(true);
  Rows rows;
  Apply({"h", HashWith(5, "f")}, keyspace, rows);
  Bytes kill;
  CellWriter(kill).Kill(CellKind::kField, "f", MakeVersion(5, 1));
  Apply({"h", kill}, keyspace, rows);
  EXPECT_EQ(keyspace.objects(), 0u);
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(Digests(keyspace), std::vector<uint64_t>(kPartitions));
}

TEST(Keyspace, AReplicaKeepsTheTombstone) {
  OpenKeyspace keyspace(false);
  Rows rows;
  Apply({"h", HashWith(5, "f")}, keyspace, rows);
  Bytes tombstone;
  CellWriter(tombstone).Tombstone(MakeVersion(6, 1));
  Apply({"h", tombstone}, keyspace, rows);
  EXPECT_EQ(keyspace.dead(), 1u);
  EXPECT_EQ(rows.size(), 1u);
  Apply({"h", HashWith(5, "late")}, keyspace, rows);
  EXPECT_FALSE(keyspace.View(keyspace.Find(keyspace.PlaceOf("h"), "h")).exists());
}

bool ExistsAt(Keyspace& keyspace, int64_t ms) {
  const Keyspace::Seen seen =
      keyspace.See(keyspace.PlaceOf("k"), "k", HybridTime::FromMs(ms), nullptr);
  return keyspace.View(seen.object()).exists();
}

TEST(Keyspace, ADeadlineThatHasPassedIsSeenAsATombstone) {
  OpenKeyspace keyspace(false);
  const Version set{HybridTime::FromMs(1000), WriterId{NodeId{1}, {}, {}}};
  keyspace.Apply(keyspace.PlaceOf("k"), "k", StringWith(set, 1500), nullptr);
  EXPECT_TRUE(ExistsAt(keyspace, 1499));
  EXPECT_FALSE(ExistsAt(keyspace, 1500));
}

// Another replica may have been told to keep the key.
TEST(Keyspace, ADeadlineThatHasPassedChangesNothingWhereOthersHoldCopies) {
  OpenKeyspace keyspace(false);
  const Version set{HybridTime::FromMs(1000), WriterId{NodeId{1}, {}, {}}};
  const Place place = keyspace.PlaceOf("k");
  keyspace.Apply(place, "k", StringWith(set, 1500), nullptr);
  const uint64_t digest = keyspace.digest(keyspace.PartitionOf(place));
  EXPECT_FALSE(ExistsAt(keyspace, 2000));
  EXPECT_EQ(keyspace.digest(keyspace.PartitionOf(place)), digest);
  Bytes later;
  CellWriter(later).Deadline({HybridTime::FromMs(1400), set.writer}, 9000);
  keyspace.Apply(place, "k", later, nullptr);
  EXPECT_TRUE(ExistsAt(keyspace, 2000)) << "the deadline had been moved before it passed";
}

TEST(Keyspace, ASoleOwnerForgetsAtTheDeadline) {
  OpenKeyspace keyspace(true);
  const Version set{HybridTime::FromMs(1000), WriterId{NodeId{1}, {}, {}}};
  keyspace.Apply(keyspace.PlaceOf("k"), "k", StringWith(set, 1500), nullptr);
  EXPECT_FALSE(ExistsAt(keyspace, 1500));
  EXPECT_EQ(keyspace.objects(), 0u);
}

// A second stamp, or a clock that is ahead, puts the cells above their own deadline.
TEST(Keyspace, ADeadlineBelowItsOwnVersionStillDeletes) {
  OpenKeyspace keyspace(false);
  const Version set{HybridTime::FromMs(9000), WriterId{NodeId{1}, {}, {}}};
  keyspace.Apply(keyspace.PlaceOf("k"), "k", StringWith(set, 1500), nullptr);
  EXPECT_FALSE(ExistsAt(keyspace, 9001));
}

using Passed = std::vector<std::tuple<int64_t, Place, Bytes>>;

Passed PassedIn(Keyspace& keyspace, int64_t ms, size_t budget, bool& more) {
  std::vector<PassedDeadline> found;
  more = keyspace.FindPassed(HybridTime::FromMs(ms), budget, found);
  Passed passed;
  for (const PassedDeadline& key : found) passed.emplace_back(key.deadline_ms, key.place, key.key);
  return passed;
}

// In rounds of any budget, whatever moved, took away and gave deadlines before.
RC_GTEST_PROP(Keyspace, FindsWhatHasPassedAndNothingElse, ()) {
  OpenKeyspace keyspace(*rc::gen::arbitrary<bool>());
  Rows rows;
  for (const Step& step : *AnySteps()) Apply(step, keyspace, rows);
  Passed all;
  keyspace.ForEachFrom(Place{}, [&](Place place, Object& object) {
    const auto deadline_ms = keyspace.View(&object).deadline_ms();
    if (deadline_ms.has_value()) all.emplace_back(*deadline_ms, place, object.key());
    return true;
  });
  std::sort(all.begin(), all.end());
  RC_ASSERT(keyspace.earliest_deadline_ms() ==
            (all.empty() ? DeadlineIndex::kNever : std::get<0>(all.front())));
  const int64_t now_ms =
      all.empty() ? 0 : std::get<0>(all[*rc::gen::inRange<size_t>(0, all.size())]);
  std::erase_if(all, [now_ms](const auto& key) { return std::get<0>(key) > now_ms; });
  const auto budget = *rc::gen::inRange<size_t>(1, 4);
  Passed found;
  for (bool more = true; more;) {
    const Passed some = PassedIn(keyspace, now_ms, budget, more);
    RC_ASSERT(some.size() <= budget);
    found.insert(found.end(), some.begin(), some.end());
  }
  RC_ASSERT(found == all);
}

TEST(Keyspace, FindsAgainWhatIsLeftForTheNextLook) {
  OpenKeyspace keyspace(false);
  const Version set{HybridTime::FromMs(1000), WriterId{NodeId{1}, {}, {}}};
  for (const int64_t deadline_ms : {2000, 2001, 2002, 2003}) {
    const std::string key = std::to_string(deadline_ms);
    keyspace.Apply(keyspace.PlaceOf(key), key, StringWith(set, deadline_ms), nullptr);
  }
  std::vector<PassedDeadline> found;
  EXPECT_TRUE(keyspace.FindPassed(HybridTime::FromMs(9000), 3, found));
  ASSERT_EQ(found.size(), 3u);
  keyspace.FindPassedFrom(found[1]);
  found.clear();
  EXPECT_FALSE(keyspace.FindPassed(HybridTime::FromMs(9000), 3, found));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.front().key, "2001");
}

TEST(Keyspace, EvictionSparesWhatWasUsed) {
  OpenKeyspace keyspace(true);
  Rows rows;
  const Version set{HybridTime::FromMs(1000), WriterId{NodeId{1}, {}, {}}};
  for (int i = 0; i < 50; ++i) Apply({std::to_string(i), StringWith(set, 99'999)}, keyspace, rows);
  keyspace.ForEachFrom(Place{}, [](Place, Object& object) {
    object.set_used(object.key() == "7");
    return true;
  });
  for (int i = 0; i < 49; ++i) {
    env::WriteBatch batch;
    ASSERT_TRUE(keyspace.EvictOne(&batch));
    Commit(batch, rows);
  }
  EXPECT_EQ(keyspace.objects(), 1u);
  EXPECT_NE(keyspace.Find(keyspace.PlaceOf("7"), "7"), nullptr);
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_TRUE(keyspace.EvictOne(nullptr));
  EXPECT_FALSE(keyspace.EvictOne(nullptr));
}

TEST(Keyspace, RowsThatAreNoneAreDataLoss) {
  OpenKeyspace keyspace(false);
  Rows rows;
  Apply({"k", HashWith(5, "f")}, keyspace, rows);
  const auto& [key, value] = *rows.begin();
  EXPECT_TRUE(keyspace.LoadRow(key, value).ok());
  EXPECT_EQ(keyspace.LoadRow(key.substr(0, 5), value).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(keyspace.LoadRow(key, "\xff").code(), absl::StatusCode::kDataLoss);
  Bytes moved = key;
  moved[5] = static_cast<char>(moved[5] ^ 1);
  EXPECT_EQ(keyspace.LoadRow(moved, value).code(), absl::StatusCode::kDataLoss);
}

TEST(Keyspace, RowsOfOtherPartitionsAreLeftAlone) {
  OpenKeyspace all(false);
  Rows rows;
  for (int i = 0; i < 100; ++i) Apply({std::to_string(i), HashWith(5, "f")}, all, rows);
  Keyspace some({.pool = PoolId{3}, .placer = {}, .partitions = kPartitions});
  some.OpenPartition(PartitionId{2});
  Load(rows, some);
  EXPECT_EQ(some.digest(PartitionId{2}), all.digest(PartitionId{2}));
  EXPECT_LT(some.objects(), all.objects());
  EXPECT_GT(some.objects(), 0u);
}

}  // namespace
}  // namespace quorate::keyspace
