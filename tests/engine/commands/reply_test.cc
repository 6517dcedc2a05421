// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/reply.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/engine/commands/reply_printer.h"

namespace quorate::commands {
namespace {

void WriteEverything(ReplySink& sink) {
  sink.Array(12);
  sink.Simple("OK");
  sink.Error("ERR no");
  sink.Integer(-5);
  sink.Integer(INT64_MIN);
  sink.Bulk(std::string_view("a\0b", 3));
  sink.Null();
  sink.NullArray();
  sink.Double(1.5);
  sink.Bool(true);
  sink.Verbatim("text");
  sink.Map(1);
  sink.Bulk("k");
  sink.Set(0);
  sink.Pairs(1);
  sink.Pair();
  sink.Bulk("x");
  sink.Bulk("y");
}

TEST(ReplyTape, PlaysWhatWasWritten) {
  ReplyPrinter direct;
  WriteEverything(direct);
  ReplyTape tape;
  WriteEverything(tape);
  ReplyPrinter played;
  EXPECT_TRUE(PlayReply(tape.bytes(), played));
  EXPECT_EQ(played.text(), direct.text());
  EXPECT_TRUE(played.complete());
}

TEST(ReplyTape, IsReadWithoutPlayingWhereOneValueIsEnough) {
  ReplyTape error;
  error.Error("ERR no");
  EXPECT_TRUE(IsErrorTape(error.bytes()));
  EXPECT_EQ(IntegerOfTape(error.bytes()), 0);
  ReplyTape integer;
  integer.Integer(-7);
  EXPECT_FALSE(IsErrorTape(integer.bytes()));
  EXPECT_EQ(IntegerOfTape(integer.bytes()), -7);
  EXPECT_EQ(BulkOfTape(integer.bytes()), "");
  ReplyTape bulk;
  bulk.Bulk("bytes");
  EXPECT_EQ(BulkOfTape(bulk.bytes()), "bytes");
  EXPECT_EQ(BulkOfTape(""), "");
  EXPECT_EQ(IntegerOfTape(""), 0);
}

// Tapes come from peers.
RC_GTEST_PROP(ReplyTape, AnyBytesPlayOrAreRefused, (const std::string& bytes)) {
  ReplyPrinter printer;
  PlayReply(bytes, printer);
  RC_ASSERT(printer.text().size() <= 64 * bytes.size() + 64);
}

RC_GTEST_PROP(ReplyTape, ACutTapeIsRefused, ()) {
  ReplyTape tape;
  tape.Bulk(*rc::gen::nonEmpty<std::string>());
  const auto cut = *rc::gen::inRange<size_t>(1, tape.bytes().size());
  ReplyPrinter printer;
  RC_ASSERT(!PlayReply(std::string_view(tape.bytes()).substr(0, cut), printer));
}

}  // namespace
}  // namespace quorate::commands
