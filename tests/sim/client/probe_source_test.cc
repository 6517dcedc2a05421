// SPDX-License-Identifier: Apache-2.0
#include "sim/client/probe_source.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/client/limits.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

const Reply kOk{ReplyKind::kSimple, "OK", 0, {}};
const Reply kNoQuorum{ReplyKind::kError, "NOQUORUM QUORUM write: 2 of 3 replicas wanted", 0, {}};
const Reply kBusy{ReplyKind::kError, "BUSY too many", 0, {}};

ProbeSource Source(bool may_lack, const std::vector<uint32_t>& probers = {0}) {
  return {{"a", "b"}, probers, [may_lack](uint32_t, std::string_view) { return may_lack; }};
}
// What client 0 asks next, and is answered.
std::string Answer(ProbeSource& source, const Reply* reply) {
  const std::optional<Operation> operation = source.Next(0, 0);
  if (!operation) return "";
  source.Finished(0, *operation, reply);
  return operation->command[0] + " " + operation->command[1];
}

TEST(ProbeSource, WritesAndReadsEachKey) {
  ProbeSource source = Source(false);
  EXPECT_EQ(Answer(source, &kOk), "SET a");
  EXPECT_EQ(Answer(source, &kOk), "GET a");
  EXPECT_EQ(Answer(source, &kOk), "SET b");
  EXPECT_FALSE(source.done());
  EXPECT_EQ(Answer(source, &kOk), "GET b");
  EXPECT_TRUE(source.done());
  EXPECT_EQ(Answer(source, &kOk), "");
  EXPECT_FALSE(source.Next(1, 0));  // probes not
}

TEST(ProbeSource, ProbersBeginWithKeysOfTheirOwn) {
  ProbeSource source = Source(false, {0, 1});
  EXPECT_EQ(source.Next(0, 0)->command[1], "a");
  EXPECT_EQ(source.Next(1, 0)->command[1], "b");
}

TEST(ProbeSource, ThatThereIsNoQuorumIsTheLastWordWhereItMayBeSo) {
  ProbeSource lacks = Source(true);
  EXPECT_EQ(Answer(lacks, &kNoQuorum), "SET a");
  EXPECT_EQ(Answer(lacks, &kBusy), "GET a");
  EXPECT_EQ(Answer(lacks, &kNoQuorum), "GET a") << "another error says nothing of quorums";
  ProbeSource has = Source(false);
  for (uint32_t i = 0; i < kProbeAttemptsMax; ++i) {
    EXPECT_FALSE(has.given_up());
    EXPECT_EQ(Answer(has, &kNoQuorum), "SET a");
  }
  EXPECT_EQ(has.given_up(), "SET of a: " + kNoQuorum.text);
}

TEST(ProbeSource, GivesUpWhereNoAnswerComes) {
  ProbeSource source = Source(true);
  Answer(source, nullptr);
  EXPECT_EQ(source.given_up(), "SET of a: no answer");
}

}  // namespace
}  // namespace quorate::sim
