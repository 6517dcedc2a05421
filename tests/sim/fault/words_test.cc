// SPDX-License-Identifier: Apache-2.0
// Faults in words: what is written reads back as the same, what is read is what it says, and what
// cannot be read is told with its place.
#include "sim/fault/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/base/random.h"
#include "sim/fault/limits.h"
#include "sim/fault/parse_words.h"
#include "sim/fault/phrase.h"

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kNodes = 5;

// What every kind and shape is called, and a bit of everything around it.
constexpr std::string_view kEveryPhrase =
    "1: crash 1 at 1s for 2s\n"
    "2: crash 0,2..4 in a commit within 250ms at 1s for 2s\n"
    "3: crash 1 in a tick within 1us at 1s for 2us\n"
    "4: crash 1 before effect 3 of a tick within 1us at 1s for 500ms\n"
    "5: pause all at 1s for 2h\n"
    "6: stop 0,1 at 1s for 2s\n"
    "7: slow 1 by a factor of 50 at 1s for 2s\n"
    "8: partition 1..3 | rest at 2s for 10s\n"
    "9: partition 1..3 | rest bridged by 1 at 2s for 10s\n"
    "10: partition all into a ring at 2s for 10s\n"
    "11: partition 0,1 from each other blocking Read,ReadReply flapping every 50ms at 2s for 1s\n"
    "12: partition 0 | rest blocking Mutate,unknown-31 at 2s for 10s and stays\n"
    "13: partition all | rest flapping every 1.5s at 2s for 10s\n"
    "14: cut messages from 4 at 2s for 10s\n"
    "15: cut Ping,Pong,EpochNotice,Settings to 4 flapping every 1ms at 2s for 10s and stays\n"
    "16: lose 2 % of messages of 0,2..4 at 2s for 30s\n"
    "17: lose 0.0001 % of Execute,ExecuteReply of 0 at 2s for 30s\n"
    "18: lose message 3 of 0 at 2s for 30s\n"
    "19: lose message 3 of Keyspace,KeyspaceReply of 0 at 2s for 30s\n"
    "20: double 100 % of messages of 0 at 2s for 30s\n"
    "21: double message 1 of 0 at 2s for 30s\n"
    "22: delay 12.5 % of messages of 0 by up to 20ms at 2s for 30s\n"
    "23: delay message 4294967295 of 0 by 700ms at 2s for 1us\n"
    "24: make 0.5 % of messages of 0 late by up to 1h at 2s for 30s\n"
    "25: corrupt 1.25 % of messages of 0 at 2s for 30s\n"
    "26: write messages of 0 as the next release with 20 % unknown at 2s for 30s\n"
    "27: write messages of 0 as the release before at 2s for 30s, unused chance 20 %\n"
    "28: clog 0 at 2s for 30s\n"
    "29: narrow links of 0 to a KiB per 2.5ms at 2s for 30s\n"
    "30: half-open 0 at 2s for 30s\n"
    "31: shift wall clock of 0 ahead by 1.000001s at 2s for 30s\n"
    "32: shift wall clock of 0 behind by 999.999ms at 2s for 30s\n"
    "33: jump wall clock of 0 ahead by 0s at 2s for 30s\n"
    "34: jump monotonic clock of 0 ahead by 1h at 2s for 30s\n"
    "35: freeze wall clock of 0 at 2s for 30s\n"
    "36: freeze monotonic clock of 0 at 2s for 30s\n"
    "37: run clocks of 0 fast by 300 ppm at 2s for 30s\n"
    "38: run clocks of 0 slow by 200000 ppm at 2s for 30s\n"
    "39: stall commits of 0 by 250ms at 2s for 30s\n"
    "40: fill disk of 0 at 2s for 30s\n"
    "41: fail a commit of 0 at 2s for 30s\n"
    "42: fail a sync of 0 at 2s for 30s\n"
    "43: fail reads of 0 at 2s for 30s\n"
    "44: rot disk of 0 at 2s for 30s\n"
    "45: misdirect reads of 0 at 2s for 30s\n"
    "46: misdirect writes of 0 at 2s for 30s\n"
    "47: drop writes of 0 at 2s for 30s\n"
    "48: lose syncs of 0 at 2s for 30s\n"
    "49: roll back disk of 0 at 2s for 30s\n"
    "50: swap disks of 0,4 at 2s for 30s\n"
    "51: wipe disk of 0 at 2s for 30s and stays\n"
    "18446744073709551615: pause 0 at 3s for 1s, unused chance 1 %, unused amount -3ms, "
    "unused drift -7 ppm\n";

Schedule Read(std::string_view text, uint32_t nodes = kNodes) {
  const absl::StatusOr<Schedule> schedule = ParseSchedule(text, nodes);
  EXPECT_TRUE(schedule.ok()) << text << ": " << MessageOf(schedule.status());
  return schedule.ok() ? *schedule : Schedule{};
}
Fault ReadOne(std::string_view text) {
  const Schedule schedule = Read(text);
  EXPECT_EQ(schedule.faults.size(), 1u);
  return schedule.faults.empty() ? Fault{} : schedule.faults.front();
}

TEST(Words, AreReadAndWrittenAlikeForEveryPhrase) {
  EXPECT_EQ(Words(Read(kEveryPhrase)), kEveryPhrase);
}

TEST(Words, OfEveryKindAndShapeAreTriedHere) {
  std::set<const Phrase*> tried;
  for (const Fault& fault : Read(kEveryPhrase).faults) tried.insert(&PhraseOf(fault));
  EXPECT_EQ(tried.size(), AllPhrases().size());
  std::set<FaultKind> kinds;
  std::set<FaultShape> shapes;
  for (const Phrase* phrase : tried) {
    kinds.insert(phrase->kind);
    shapes.insert(phrase->shape);
  }
  EXPECT_EQ(kinds.size(), kFaultKinds);
  EXPECT_EQ(shapes.size(), kFaultShapes);
}

TEST(Words, MeanWhatTheySay) {
  const Fault crash = ReadOne("7: crash 0, 2 .. 4 in a commit within 250us at 1.5min for 2s");
  Fault wanted;
  wanted.id = 7;
  wanted.from = {90'000'000};
  wanted.until = {92'000'000};
  wanted.nodes = {0, 2, 3, 4};
  wanted.amount = 250us;
  EXPECT_EQ(crash, wanted);
  const Fault cut = ReadOne("cut Read,Pong to all flapping every 2ms at 0s for 1h and stays");
  wanted.id = 1;
  wanted.kind = FaultKind::kOneWayCut;
  wanted.from = {0};
  wanted.until = {3'600'000'000};
  wanted.nodes = {0, 1, 2, 3, 4};
  wanted.amount = 2ms;
  wanted.shape = FaultShape::kInward;
  wanted.messages = 1u << 2 | 1u << 9;
  wanted.stays = true;
  EXPECT_EQ(cut, wanted);
  EXPECT_EQ(ReadOne("lose 2.5% of messages of 1 at 1s for 1s").chance_ppm, 25'000u);
  EXPECT_EQ(ReadOne("run clocks of 1 slow by 7 ppm at 1s for 1s").drift_ppm, -7);
  EXPECT_EQ(ReadOne("shift wall clock of 1 behind by 2s at 1s for 1s").amount, -2s);
  EXPECT_EQ(ReadOne("partition 1..3|0,4 at 1s for 1s"),
            ReadOne("partition 1..3 | rest at 1s for 1s"));
}

TEST(Words, StandInAnyOrderWithCommentsAndNumbersOfTheirOwn) {
  const Schedule schedule = Read(
      "# a comment\n\n  pause 1 at 3s for 1s # behind it\r\n\t9: pause 2 at 2s for 1s\n"
      "pause 3 at 1s for 1s");
  ASSERT_EQ(schedule.faults.size(), 3u);
  EXPECT_EQ(Words(schedule),
            "10: pause 3 at 1s for 1s\n9: pause 2 at 2s for 1s\n1: pause 1 at 3s for 1s\n");
  EXPECT_TRUE(Read("").faults.empty());
  EXPECT_EQ(Read("# nothing").nodes, kNodes);
}

std::vector<uint32_t> AnyNodes(Prng& prng, size_t least) {
  std::vector<uint32_t> nodes;
  while (nodes.size() < least) {
    nodes.clear();
    for (uint32_t node = 0; node < kNodes; ++node) {
      if (prng.Chance(1, 2)) nodes.push_back(node);
    }
  }
  return nodes;
}

// Most are valid: all fields are there, whether their kind looks at them or not.
Fault AnyFault(Prng& prng) {
  Fault fault;
  fault.id = prng.Chance(1, 2) ? prng.Below(100) : prng.Next();
  fault.kind = static_cast<FaultKind>(prng.Below(kFaultKinds));
  const uint64_t length = uint64_t{1} << prng.Below(40);
  fault.from = {prng.Below(length)};
  fault.until = {fault.from.us + 1 + prng.Below(length)};
  fault.nodes = AnyNodes(prng, 1);
  if (fault.kind == FaultKind::kDiskSwap) fault.nodes = {1, 3};
  if (prng.Chance(1, 2)) fault.chance_ppm = static_cast<uint32_t>(prng.Below(1'000'001));
  const auto amount = static_cast<int64_t>(prng.Below(uint64_t{1} << prng.Below(36)));
  if (prng.Chance(1, 2)) fault.amount = Duration(prng.Chance(1, 4) ? -amount : amount);
  if (prng.Chance(1, 4)) fault.drift_ppm = static_cast<int32_t>(prng.Between(0, 400'000)) - 200'000;
  if (prng.Chance(1, 2)) fault.shape = static_cast<FaultShape>(prng.Below(kFaultShapes));
  if (prng.Chance(1, 4)) fault.messages = static_cast<uint32_t>(prng.Next());
  if (prng.Chance(1, 4)) fault.only = static_cast<uint32_t>(prng.Below(100));
  fault.stays = fault.kind == FaultKind::kWipe || prng.Chance(1, 4);
  return fault;
}

TEST(Words, AreReadAndWrittenAlikeForAnyValidFault) {
  Prng prng(1);
  std::set<const Phrase*> met;
  for (int tried = 0, valid = 0; valid < 20'000; ++tried) {
    ASSERT_LT(tried, 2'000'000);
    const Fault fault = AnyFault(prng);
    if (!Validate(fault, kNodes).ok()) continue;
    ++valid;
    met.insert(&PhraseOf(fault));
    ASSERT_EQ(ReadOne(Words(fault, kNodes)), fault) << Words(fault, kNodes);
  }
  EXPECT_EQ(met.size(), AllPhrases().size());
}

void Refused(std::string_view text, std::string_view why, uint32_t nodes = kNodes) {
  const absl::StatusOr<Schedule> schedule = ParseSchedule(text, nodes);
  ASSERT_FALSE(schedule.ok()) << text;
  EXPECT_EQ(schedule.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(schedule.status()), HasSubstr(std::string(why))) << text;
}

TEST(Words, ThatAreWrongAreToldWithTheirPlaceAndWhatWouldBeRight) {
  Refused("\n  meteor 1", "line 2, column 3: 'meteor' where the number of a fault (3:), 'crash',");
  Refused("3 crash 1 at 1s for 1s", "line 1, column 3: 'crash' where ':' should be");
  Refused("crash", "line 1, column 6: the end of the line where nodes (0,2..4 or all) should be");
  Refused("crash 1", "column 8: the end of the line where 'in', 'at' or 'before' should be");
  Refused("crash 1 at", "column 11: the end of the line where a time (250us, 12.5ms, 3s, 10min");
  Refused("crash 1 at noon for 1s", "column 12: 'noon' where a time (");
  Refused("crash 1 at 1 for 1s", "column 12: '1' where a time (");
  Refused("crash 1 at 1.s for 1s", "column 12: '1.s' where a time (");
  Refused("crash 1 at 1sec for 1s", "column 12: '1sec' where a time (");
  Refused("crash 1 at 0.5us for 1s", "column 12: '0.5us': too large, or too many digits");
  Refused("crash 1 at 1.0000000001s for 1s", "column 12: '1.0000000001s': too many digits");
  Refused("crash 1 at 9999999999999h for 1s", "column 12: '9999999999999h': too large");
  Refused("crash 1 at 99999999999999999999s for 1s", "column 12: '99999999999999999999s': more");
  Refused("crash 1 at 1s for 1s and", "column 25: the end of the line where 'stays' should be");
  Refused("crash 1 at 1s for 1s twice",
          "column 22: 'twice' where 'and', ',' or the end of the line");
  Refused("crash 5 at 1s for 1s", "column 7: '5': the nodes are 0 to 4");
  Refused("crash 2,1 at 1s for 1s", "column 9: '1': nodes rise, as in 0,2..4");
  Refused("crash 2..2 at 1s for 1s", "column 10: '2': nodes rise, as in 0,2..4");
  Refused("crash 1 in a commit within 0s at 1s for 1s",
          "column 28: '0s': it takes more than no time");
  Refused("crash 1 before effect 0 of a tick", "column 23: '0': the first one is 1");
  Refused("partition 1 | 2 at 1s for 1s", "column 15: '2': on the other side are all other nodes");
  Refused("partition 1,2 | rest bridged by 2",
          "column 33: '2': the bridge is the first of the targets");
  Refused("partition 1 | rest blocking Reed", "column 29: 'Reed' where kinds of messages (Read");
  Refused("cut unknown-3 from 1", "column 5: 'unknown-3' where 'messages' or kinds of messages");
  Refused("lose 101 % of messages", "column 6: '101': a share is at most 100 %");
  Refused("lose some of messages", "column 6: 'some' where 'message', a share (2.5 %) or 'syncs'");
  Refused("slow 1 by a factor of 1001 at", "column 23: '1001': more than 1000");
  Refused("run clocks of 1 fast by 200001 ppm", "column 25: '200001': more than 200000");
  Refused("99999999999999999999: crash 1", "column 1: '99999999999999999999:': more than");
  Refused("pause 1 at 1s for 1s, unused luck",
          "column 30: 'luck' where 'chance', 'amount' or 'drift'");
  Refused("lose 1 % of messages of 1 at 1s for 1s, unused chance 1 %", "the fault makes use of it");
  Refused("crash 1 at 1s for 1s, unused amount 5ms",
          "column 30: 'amount': the fault makes use of it");
  Refused("partition 1 | rest at 1s for 1s, unused amount 5ms", "the fault makes use of it");
  Refused("pause \x01\xff at 1s for 1s", "column 7: '?\?' where nodes (0");
}

TEST(Words, ThatMakeNoFaultAreToldWithTheirPlace) {
  Refused("# one\n 4: wipe disk of 1 at 1s for 1s",
          "line 2, column 5: fault 4 (wipe): a wiped disk");
  Refused("pause 1 at 1s for 0s", "line 1, column 1: fault 1 (pause): ends before it begins");
  Refused("pause 1 at 999h for 1s", "line 1, column 1: fault 1 (pause): too late");
  Refused("pause 1 at 1s for 1s and stays", "column 1: fault 1 (pause): it cannot stay");
  Refused("swap disks of 1 at 1s for 1s", "disks are swapped between two nodes");
  Refused("crash 1 in a commit within 2s at 1s for 1s", "waits longer than it lasts");
  Refused("3: pause 1 at 1s for 1s\n3: pause 2 at 1s for 1s",
          "line 2, column 1: line 1 has a fault 3 of that time already");
  Refused("18446744073709551615: pause 1 at 1s for 1s\npause 2 at 1s for 1s",
          "line 2, column 1: no number is left");
}

TEST(Words, HaveLimits) {
  Refused(std::string(kFaultWordsBytesMax + 1, ' '), "faults in more than 67108864 bytes");
  Refused("", "no such number of nodes", 0);
  Refused("", "no such number of nodes", kWorldNodesMax + 1);
  std::string many;
  for (size_t i = 0; i <= kFaultsMax; ++i) many += "pause 1 at 1s for 1s\n";
  Refused(many, "line 100001, column 1: more than 100000 faults");
  many.clear();
  for (size_t i = 0; i <= kFaultTargetsMax / kWorldNodesMax; ++i)
    many += "pause all at 1s for 1s\n";
  Refused(many, "or 16000000 targets", kWorldNodesMax);
}

}  // namespace
}  // namespace quorate::sim
