// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "engine/hash/digest.h"
#include "sim/core/limits.h"
#include "sim/trace/trace_writer.h"
#include "tests/sim/trace/fake_run.h"

namespace quorate::sim {
namespace {

// A trace of each part that the format has, the same in every build.
Trace Sample() {
  TraceWriter writer(FakeRecipe());
  const FakeRun run{.events = 5000};
  const auto outcome = run(FakeRecipe(), writer);
  Trace trace = writer.Finish(
      Failure{FailureKind::kStaleRead, "quorum_reads", "promised", "seen", EventId{4999}});
  trace.run_hash = outcome->hash;
  trace.build_id = "0123456789abcdef";
  trace.compiler = "none";
  trace.why = "a sample";
  trace.effects = {{FaultKind::kPartition, 3}};
  return trace;
}

absl::StatusCode CodeOf(std::string_view bytes) { return DecodeTrace(bytes).status().code(); }

TEST(Trace, DecodesWhatWasEncoded) {
  const Trace trace = Sample();
  const auto decoded = DecodeTrace(EncodeTrace(trace));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, trace);
  uint64_t events = 0;
  ForEachEvent(*decoded, [&](const TraceEvent&) { return ++events > 0; });
  EXPECT_EQ(events, 5000u);
}

TEST(Trace, KeepsThePoolOfAnOperation) {
  Trace trace = Sample();
  trace.recipe.operations.front().pool = PoolId{2};
  EXPECT_EQ(*DecodeTrace(EncodeTrace(trace)), trace);
}

TEST(Trace, KeepsEpochs) {
  Trace trace = Sample();
  trace.recipe.epochs = {{SimTime{5'000'000}, 17},
                         {SimTime{5'000'000}, UINT64_MAX, EpochScope::kDelays}};
  EXPECT_EQ(*DecodeTrace(EncodeTrace(trace)), trace);
}

// A reader of version 1 would execute another run.
TEST(Trace, OnlyWithEpochsIsItOfVersion2) {
  Trace trace = Sample();
  EXPECT_EQ(EncodeTrace(trace)[4], 1);
  trace.recipe.epochs = {{SimTime{5}, 1}};
  EXPECT_EQ(EncodeTrace(trace)[4], 2);
}

TEST(Trace, EpochsThatCannotBeAreDamage) {
  Trace trace = Sample();
  trace.recipe.epochs = {{SimTime{5}, 1}, {SimTime{4}, 1}};
  EXPECT_EQ(CodeOf(EncodeTrace(trace)), absl::StatusCode::kDataLoss);
  trace.recipe.epochs.assign(kEpochsMax + 1, {SimTime{5}, 1});
  EXPECT_EQ(CodeOf(EncodeTrace(trace)), absl::StatusCode::kDataLoss);
  trace.recipe.epochs = {{SimTime{5}, 1, static_cast<EpochScope>(kEpochScopes)}};
  EXPECT_EQ(CodeOf(EncodeTrace(trace)), absl::StatusCode::kDataLoss);
}

TEST(Trace, DecodesAtAnyAlignment) {
  const Bytes file = EncodeTrace(Sample());
  for (size_t shift = 1; shift < 8; ++shift) {
    const Bytes shifted = Bytes(shift, 'x') + file;
    EXPECT_TRUE(DecodeTrace(std::string_view(shifted).substr(shift)).ok()) << shift;
  }
}

// Every compiler and every machine writes these bytes.
TEST(Trace, HasTheSameBytesEverywhere) {
  EXPECT_EQ(hash::Digest(EncodeTrace(Sample()), 0), 8155037323648546729u);
}

TEST(Trace, SaysThatAFileIsTruncated) {
  const Bytes file = EncodeTrace(Sample());
  for (size_t size = 0; size < file.size(); size += size < 200 ? 1 : 997) {
    EXPECT_EQ(CodeOf(file.substr(0, size)), absl::StatusCode::kOutOfRange) << size;
  }
}

TEST(Trace, SaysThatAFileIsForeign) {
  EXPECT_EQ(CodeOf("{\"json\": true}"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf("Q?"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Bytes("QTRC") + Bytes(20, '\0')), absl::StatusCode::kInvalidArgument);
}

TEST(Trace, SaysThatAFileIsNewer) {
  Bytes file = EncodeTrace(Sample());
  file[4] = static_cast<char>(kTraceSchemaVersion + 1);
  const absl::Status status = DecodeTrace(file).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(status), Format("newer: schema version %u, this release knows %u",
                                      kTraceSchemaVersion + 1, kTraceSchemaVersion));
}

TEST(Trace, SaysThatAFileIsTooLong) {
  Bytes file = EncodeTrace(Sample());
  file[12] = 1;
  EXPECT_EQ(CodeOf(file), absl::StatusCode::kResourceExhausted);
}

TEST(Trace, FindsEveryDamagedByte) {
  Bytes file = EncodeTrace(Sample());
  for (size_t at = 0; at < file.size(); at += at < 100 ? 1 : 101) {
    Bytes damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    EXPECT_FALSE(DecodeTrace(damaged).ok()) << at;
  }
  EXPECT_EQ(CodeOf(file + "x"), absl::StatusCode::kDataLoss);
}

// What passes the checksum may still be nonsense, from a program that is not ours.
TEST(Trace, RefusesNonsenseWithAGoodChecksum) {
  const auto refused = [](auto change) {
    Trace trace = Sample();
    change(trace);
    return CodeOf(EncodeTrace(trace)) == absl::StatusCode::kDataLoss;
  };
  EXPECT_TRUE(refused([](Trace& trace) { trace.kind = static_cast<TraceKind>(2); }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.failure->kind = static_cast<FailureKind>(99); }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.effects[0].kind = static_cast<FaultKind>(99); }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.ladder.rungs.push_back(1); }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.blocks[1].first.value += 1; }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.blocks[0].bytes.pop_back(); }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.blocks[1].events += 1; }));
  EXPECT_TRUE(refused([](Trace& trace) { trace.recipe.operations[0].command.clear(); }));
  EXPECT_TRUE(refused([](Trace& trace) {
    trace.recipe.operations[0].read = static_cast<topology::Consistency>(99);
  }));
}

// A file written by the first release of the format. It stays as it is.
TEST(Trace, ReadsTheKeptFileOfVersionOne) {
  std::ifstream input(std::string(QUORATE_KEPT_TRACES) + "/kept_v1.trace", std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(input), {}};
  const auto trace = DecodeTrace(bytes);
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->why, "a sample");
  EXPECT_EQ(trace->recipe, FakeRecipe());
  EXPECT_EQ(trace->ladder.events, 300u);
  EXPECT_EQ(trace->failure->oracle, "quorum_reads");
}

}  // namespace
}  // namespace quorate::sim
