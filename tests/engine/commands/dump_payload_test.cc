// SPDX-License-Identifier: Apache-2.0
// DUMP's form: what is written is read again, and any other bytes are a value or a refusal.
#include "engine/commands/dump_payload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/commands/payload_checksum.h"
#include "engine/commands/payload_reader.h"
#include "tests/engine/commands/replica_harness.h"

namespace quorate::commands {
namespace {

// `body` with version and checksum behind it.
Bytes Sealed(Bytes body) {
  body.append("\x0a\x00", 2);
  const uint64_t sum = PayloadChecksum(body);
  for (int i = 0; i < 8; ++i) body.push_back(static_cast<char>(sum >> (8 * i)));
  return body;
}

Bytes DumpOf(Replica& replica, std::string_view key) {
  const Place place = replica.keyspace().PlaceOf(key);
  return DumpPayload(replica.keyspace().View(replica.keyspace().Find(place, key)));
}

TEST(PayloadChecksum, IsJonesCrc64) {
  EXPECT_EQ(PayloadChecksum("123456789"), 0xe9c6d914c4b8d9caU);
  EXPECT_EQ(PayloadChecksum(""), 0U);
}

RC_GTEST_PROP(DumpPayload, GivesBackWhatItTook, (const std::string& text, bool repeated)) {
  std::string value = text;
  for (int i = 0; repeated && i < 10; ++i) value += value.substr(0, 5'000) + "x";
  Replica replica;
  replica.Run({"SET", "s", value});
  replica.Run({"HSET", "h", text, value, value, "17", "n", "-70000"});
  const Bytes string = DumpOf(replica, "s");
  const Bytes hash = DumpOf(replica, "h");
  RC_ASSERT(PayloadIsWhole(string) && PayloadIsWhole(hash));
  RC_ASSERT(ParsePayload(string)->text == value);
  RC_ASSERT(replica.Run({"RESTORE", "t", "0", hash}) == "+OK");
  RC_ASSERT(replica("HGETALL t") == replica("HGETALL h"));
}

RC_GTEST_PROP(DumpPayload, AnyBytesAreAValueOrARefusal, (std::string body)) {
  static constexpr char kTypes[] = {0, 4, 13, 16};
  if (!body.empty()) body.front() = kTypes[static_cast<uint8_t>(body.front()) % 4];
  const Bytes sealed = Sealed(body);
  RC_ASSERT(PayloadIsWhole(sealed));
  const auto value = ParsePayload(sealed);
  if (value.has_value()) {
    RC_ASSERT((value->type == keyspace::ObjectType::kHash) == !value->fields.empty());
  }
  static_cast<void>(PayloadIsWhole(body));
  static_cast<void>(ReadListpack(body));
  static_cast<void>(ReadZiplist(body));
}

TEST(DumpPayload, IsRefusedWhereItEndsEarly) {
  Replica replica;
  replica("HSET h field value number 12345 long " + std::string(300, 'x'));
  const Bytes whole = DumpOf(replica, "h");
  const Bytes body = whole.substr(0, whole.size() - 10);
  ASSERT_TRUE(ParsePayload(Sealed(body)).has_value());
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(ParsePayload(Sealed(body.substr(0, size))).has_value()) << size;
    EXPECT_FALSE(PayloadIsWhole(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(ParsePayload(Sealed(body + "x")).has_value());
}

TEST(DumpPayload, BelievesNoLengthThatTheBytesDoNotBear) {
  // A compressed string of 2 bytes that would be 2^31, a string of 2^63, a hash of 2^63 fields.
  EXPECT_FALSE(ParsePayload(Sealed(Bytes("\x00\xc3\x02\x80\x80\x00\x00\x00"
                                         "ab",
                                         10)))
                   .has_value());
  EXPECT_FALSE(
      ParsePayload(Sealed(Bytes("\x00\x81\x7f\xff\xff\xff\xff\xff\xff\xff", 10))).has_value());
  EXPECT_FALSE(
      ParsePayload(Sealed(Bytes("\x04\x81\x7f\xff\xff\xff\xff\xff\xff\xff", 10))).has_value());
}

}  // namespace
}  // namespace quorate::commands
