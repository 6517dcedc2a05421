// SPDX-License-Identifier: Apache-2.0
// The journal by itself, over the simulated disk: what is written is read again, damage is told
// from a torn tail, and no old byte comes back as a record.
#include "adapters/storage/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/disk/sim_disk.h"

namespace quorate::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const JournalOptions kSmall{.name = "j", .salt = 77, .segment_bytes = 4096, .bytes_max = 16384};

Bytes Payload(std::string_view value) {
  env::WriteBatch batch;
  batch.Put("k", value);
  return batch.rep();
}

struct Reopened {
  absl::StatusOr<std::unique_ptr<Journal>> journal;
  std::vector<Bytes> values;
};

Reopened Open(sim::SimDisk& disk, Sequence position = {}, const JournalOptions& options = kSmall) {
  Reopened result{.journal = nullptr, .values = {}};
  Sequence expected = position.Next();
  result.journal = Journal::Open(
      disk, options, {.position = position}, [&](Sequence sequence, const env::WriteBatch& batch) {
        EXPECT_EQ(sequence, expected);
        expected = expected.Next();
        batch.ForEach([&](env::WriteBatch::Op, std::string_view, std::string_view value) {
          result.values.emplace_back(value);
        });
        return absl::OkStatus();
      });
  return result;
}

void AppendSynced(Journal& journal, std::string_view value) {
  ASSERT_TRUE(journal.Append(Payload(value)).ok());
  ASSERT_TRUE(journal.Sync().ok());
}

TEST(JournalFormat, RoundTripsARecordAndRefusesOtherSegmentsAndSalts) {
  Bytes bytes;
  const SegmentKey key{.id = {3}, .salt = 9};
  AppendRecord(key, {.sequence = {7}, .durable = {6}, .payload = "payload"}, bytes);
  ASSERT_EQ(bytes.size(), kRecordHeaderBytes + 7);
  bytes += "tail";
  const auto record = ParseRecord(key, bytes);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->sequence, Sequence{7});
  EXPECT_EQ(record->durable, Sequence{6});
  EXPECT_EQ(record->payload, "payload");
  EXPECT_FALSE(ParseRecord({.id = {4}, .salt = 9}, bytes));
  EXPECT_FALSE(ParseRecord({.id = {3}, .salt = 8}, bytes));
}

TEST(JournalFormat, FindsEveryDamagedByte) {
  Bytes bytes;
  const SegmentKey key{.id = {3}, .salt = 9};
  AppendRecord(key, {.sequence = {7}, .durable = {6}, .payload = "payload"}, bytes);
  for (char& byte : bytes) {
    byte = static_cast<char>(byte ^ 0x10);
    EXPECT_FALSE(ParseRecord(key, bytes));
    byte = static_cast<char>(byte ^ 0x10);
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseRecord(key, std::string_view(bytes).substr(0, size)));
  }
}

// The bytes are a promise to later releases.
TEST(JournalFormat, HasTheseBytes) {
  Bytes bytes;
  AppendRecord({.id = {2}, .salt = 0x0102030405060708},
               {.sequence = {4}, .durable = {3}, .payload = "ab"}, bytes);
  std::string hex;
  for (const char byte : bytes) hex += Format("%02x", static_cast<uint8_t>(byte));
  EXPECT_EQ(hex,
            "716a720171a567f100000000000000020000000000000004000000000000000300000002e2a229366162");
}

TEST(JournalFormat, NamesSegmentsInOrder) {
  EXPECT_EQ(SegmentFileName("s", {255}), "s.journal-00000000000000ff");
  EXPECT_EQ(ParseSegmentFileName("s", "s.journal-00000000000000ff"), SegmentId{255});
  for (const char* other : {"s.db", "t.journal-00000000000000ff", "s.journal-ff",
                            "s.journal-00000000000000fg", "s.journal-00000000000000ff.old"}) {
    EXPECT_FALSE(ParseSegmentFileName("s", other)) << other;
  }
}

TEST(Journal, ReplaysWhatFollowsThePosition) {
  sim::SimDisk disk(1);
  {
    Reopened first = Open(disk);
    ASSERT_TRUE(first.journal.ok()) << first.journal.status();
    for (const char* value : {"a", "b", "c"}) AppendSynced(**first.journal, value);
  }
  EXPECT_THAT(Open(disk).values, ElementsAre("a", "b", "c"));
  const Reopened later = Open(disk, {2});
  EXPECT_THAT(later.values, ElementsAre("c"));
  EXPECT_EQ((*later.journal)->last(), Sequence{3});
}

TEST(Journal, MovesToANewSegmentAndRecyclesWhatIsCut) {
  sim::SimDisk disk(1);
  Reopened opened = Open(disk);
  Journal& journal = **opened.journal;
  for (int i = 0; i < 100; ++i) {
    AppendSynced(journal, Bytes(1000, 'v'));
    ASSERT_TRUE(journal.Cut({journal.last().value - 1}).ok());
    EXPECT_LE(journal.bytes(), 2u * 4096);
  }
  EXPECT_EQ(journal.last(), Sequence{100});
  EXPECT_LE(disk.used_bytes(), kSmall.bytes_max);
  EXPECT_EQ(Open(disk, {99}).values.size(), 1u);
}

TEST(Journal, RefusesMoreThanItsLimitAndGoesOnAfterACut) {
  sim::SimDisk disk(1);
  Reopened opened = Open(disk);
  Journal& journal = **opened.journal;
  absl::Status status;
  while (status.ok()) status = journal.Append(Payload(Bytes(1000, 'v')));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_LE(disk.used_bytes(), kSmall.bytes_max);
  ASSERT_TRUE(journal.Sync().ok());
  ASSERT_TRUE(journal.Cut(journal.last()).ok());
  EXPECT_TRUE(journal.Append(Payload("more")).ok());
}

TEST(Journal, GivesALargeRecordASegmentOfItsOwn) {
  sim::SimDisk disk(1);
  Reopened opened = Open(disk);
  Journal& journal = **opened.journal;
  AppendSynced(journal, "small");
  EXPECT_FALSE(journal.Fits(16384));
  EXPECT_EQ(journal.Append(Bytes(16384, 'x')).code(), absl::StatusCode::kResourceExhausted);
  const Bytes large(15000, 'l');
  EXPECT_EQ(journal.Append(Payload(large)).code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(journal.Cut(journal.last()).ok());
  AppendSynced(journal, large);
  AppendSynced(journal, "after");
  EXPECT_THAT(Open(disk, {1}).values, ElementsAre(large, "after"));
}

TEST(Journal, CutsATornTailAndNeverReadsItAgain) {
  uint64_t torn = 0;
  for (uint64_t draws = 0; draws < 300; ++draws) {
    sim::SimDisk disk(draws);
    std::vector<Bytes> written;
    {
      Reopened opened = Open(disk);
      Journal& journal = **opened.journal;
      AppendSynced(journal, "durable");
      for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(journal.Append(Payload(Bytes(500, static_cast<char>('a' + i)))).ok());
      disk.Crash(draws);
    }
    Reopened second = Open(disk);
    ASSERT_TRUE(second.journal.ok()) << second.journal.status();
    ASSERT_GE(second.values.size(), 1u);
    if (disk.effects().torn_files > 0) ++torn;
    written = second.values;
    // Records of the same sizes as the lost ones, so that what the crash left would fit behind
    // them.
    AppendSynced(**second.journal, Bytes(500, 'n'));
    written.emplace_back(500, 'n');
    disk.Kill();
    EXPECT_EQ(Open(disk).values, written);
  }
  EXPECT_GT(torn, 50u);
}

TEST(Journal, CallsDamageToADurableRecordDataLossByName) {
  sim::SimDisk disk(1);
  uint64_t second = 0;
  {
    Reopened opened = Open(disk);
    AppendSynced(**opened.journal, "a");
    second = kSegmentHeaderBytes + kRecordHeaderBytes + Payload("a").size();
    AppendSynced(**opened.journal, "b");
    AppendSynced(**opened.journal, "c");
  }
  ASSERT_TRUE(disk.Rot("j.journal-0000000000000001", second + 20, 0x01));
  const absl::Status status = Open(disk).journal.status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status),
              HasSubstr(Format("j.journal-0000000000000001, offset %d: sequence 2", second)));
  // The checkpoint holds it: no harm.
  EXPECT_THAT(Open(disk, {2}).values, ElementsAre("c"));
}

TEST(Journal, CutsADamagedLastRecordThatNothingVouchesFor) {
  sim::SimDisk disk(1);
  {
    Reopened opened = Open(disk);
    AppendSynced(**opened.journal, "a");
    AppendSynced(**opened.journal, "b");
  }
  const uint64_t last = kSegmentHeaderBytes + kRecordHeaderBytes + Payload("a").size();
  ASSERT_TRUE(disk.Rot("j.journal-0000000000000001", last + 3, 0x01));
  EXPECT_THAT(Open(disk).values, ElementsAre("a"));
}

TEST(Journal, MissesASegmentThatIsGone) {
  sim::SimDisk disk(1);
  {
    Reopened opened = Open(disk);
    for (int i = 0; i < 9; ++i) AppendSynced(**opened.journal, Bytes(1000, 'v'));
  }
  ASSERT_TRUE(disk.Remove("j.journal-0000000000000002").ok());
  EXPECT_EQ(Open(disk).journal.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(disk, {7}).journal.status().code(), absl::StatusCode::kOk);
}

TEST(Journal, MissesADamagedSegmentHeaderInFrontOfNeededRecords) {
  sim::SimDisk disk(1);
  AppendSynced(**Open(disk).journal, "a");
  ASSERT_TRUE(disk.Rot("j.journal-0000000000000001", 20, 0x01));
  EXPECT_EQ(Open(disk).journal.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(Open(disk, {1}).journal.ok());
}

TEST(Journal, RefusesAnotherFormatVersionClearly) {
  sim::SimDisk disk(1);
  AppendSynced(**Open(disk).journal, "a");
  ASSERT_TRUE(disk.Rot("j.journal-0000000000000001", 11, 0x03));
  const absl::Status status = Open(disk).journal.status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("has format 2, this release reads 1"));
}

TEST(Journal, TakesNoRecordFromInsideAValue) {
  sim::SimDisk disk(1);
  Bytes forged;
  AppendRecord({.id = {1}, .salt = 0},
               {.sequence = {9}, .durable = {8}, .payload = Payload("forged")}, forged);
  {
    Reopened opened = Open(disk);
    AppendSynced(**opened.journal, "a");
    AppendSynced(**opened.journal, forged);
  }
  const uint64_t second = kSegmentHeaderBytes + kRecordHeaderBytes + Payload("a").size();
  ASSERT_TRUE(disk.Rot("j.journal-0000000000000001", second, 0x01));
  EXPECT_THAT(Open(disk).values, ElementsAre("a"));
}

TEST(Journal, RefusesLimitsThatContradictEachOther) {
  sim::SimDisk disk(1);
  EXPECT_EQ(Open(disk, {}, {.segment_bytes = 100}).journal.status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Open(disk, {}, {.segment_bytes = 8192, .bytes_max = 8192}).journal.status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Journal, LeavesNoHalfMadeSegmentOnAFullDisk) {
  sim::SimDisk disk(1);
  Reopened opened = Open(disk);
  disk.set_faults({.capacity_bytes = 2000});
  EXPECT_EQ((*opened.journal)->Append(Payload("a")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(disk.used_bytes(), 0u);
  disk.set_faults({});
  AppendSynced(**opened.journal, "b");
  EXPECT_THAT(Open(disk).values, ElementsAre("b"));
}

// Appends, syncs, cuts, kills, power losses at any change, over and over: what is read is what was
// written, up to some point at or after the last sync, and goes on from there.
RC_GTEST_PROP(Journal, KeepsAPrefixWithAllThatWasSynced, (uint64_t seed)) {
  sim::SimDisk disk(seed);
  std::vector<Bytes> history;  // value of sequence i + 1
  Sequence durable;
  Sequence position;
  const int lives = *rc::gen::inRange(1, 8);
  for (int life = 0; life < lives; ++life) {
    Reopened opened = Open(disk, position);
    RC_ASSERT(opened.journal.ok());
    Journal& journal = **opened.journal;
    const Sequence last = journal.last();
    RC_ASSERT(last >= durable);
    RC_ASSERT(last.value <= history.size());
    RC_ASSERT(opened.values.size() == last.value - position.value);
    for (size_t i = 0; i < opened.values.size(); ++i)
      RC_ASSERT(opened.values[i] == history[position.value + i]);
    history.resize(last.value);
    durable = last;
    disk.CrashAfter(*rc::gen::inRange<uint64_t>(0, 60));
    const int steps = *rc::gen::inRange(0, 40);
    for (int step = 0; step < steps && !disk.frozen(); ++step) {
      const int action = *rc::gen::inRange(0, 10);
      if (action < 7) {
        const Bytes value(*rc::gen::inRange<size_t>(0, 1500),
                          static_cast<char>('a' + history.size() % 26));
        const absl::Status status = journal.Append(Payload(value));
        // A failed append may still be found after the crash.
        if (status.ok() || disk.frozen()) history.push_back(value);
        if (!status.ok()) break;
      } else if (action < 9) {
        if (!journal.Sync().ok()) break;
        durable = journal.last();
      } else {
        position = durable;
        if (!journal.Cut(position).ok()) break;
      }
    }
    if (*rc::gen::arbitrary<bool>()) {
      disk.Crash(*rc::gen::arbitrary<uint64_t>());
    } else {
      disk.Kill();
    }
  }
}

}  // namespace
}  // namespace quorate::storage
