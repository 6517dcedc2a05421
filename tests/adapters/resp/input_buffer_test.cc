// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/input_buffer.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "adapters/resp/limits.h"

namespace quorate::resp {
namespace {

void Put(InputBuffer& buffer, std::string_view bytes) {
  const std::span<char> space = buffer.Space(bytes.size(), 0);
  ASSERT_GE(space.size(), bytes.size());
  bytes.copy(space.data(), bytes.size());
  buffer.Filled(bytes.size());
}

std::string Unread(InputBuffer& buffer) { return {buffer.unread().data(), buffer.unread().size()}; }

TEST(InputBuffer, LeavesConsumedBytesInPlaceUntilRecycled) {
  InputBuffer buffer;
  Put(buffer, "first second");
  const std::string_view first(buffer.unread().data(), 5);
  buffer.Consume(6);
  for (int i = 0; i < 100; ++i) Put(buffer, std::string(1000, 'x'));
  EXPECT_EQ(first, "first");
  EXPECT_EQ(Unread(buffer).substr(0, 7), "secondx");
  EXPECT_EQ(buffer.unread_size(), 6u + 100 * 1000);
  EXPECT_EQ(buffer.pinned_bytes(), 6u);
  buffer.Recycle();
  EXPECT_EQ(buffer.pinned_bytes(), 0u);
  EXPECT_EQ(Unread(buffer).substr(0, 7), "secondx");
}

TEST(InputBuffer, MovesLongInputRarely) {
  InputBuffer buffer;
  std::set<const char*> blocks;
  for (size_t size = 0; size < 8 * 1024 * 1024; size += 4096) {
    buffer.Space(4096, 0);
    buffer.Filled(4096);
    blocks.insert(buffer.unread().data());
  }
  EXPECT_LE(blocks.size(), 11u);
}

TEST(InputBuffer, ReservesWhatIsKnownToCome) {
  InputBuffer buffer;
  Put(buffer, "head");
  EXPECT_EQ(buffer.Space(100, 4 + 1000000).size(), 1000000u);
  EXPECT_EQ(Unread(buffer), "head");
}

TEST(InputBuffer, DoesNotReserveWhateverIsAnnounced) {
  InputBuffer buffer;
  Put(buffer, std::string(kInputBlockBytes, 'x'));
  EXPECT_EQ(buffer.Space(100, size_t{1} << 40).size(), kBulkReserveBytesMax);
  const char* const block = buffer.unread().data();
  buffer.Filled(1000);
  EXPECT_EQ(buffer.Space(100, size_t{1} << 40).size(), kBulkReserveBytesMax - 1000);
  EXPECT_EQ(buffer.unread().data(), block);
}

TEST(InputBuffer, GivesLargeBlocksBack) {
  InputBuffer buffer;
  Put(buffer, std::string(1000000, 'x').append("rest"));
  buffer.Consume(1000000);
  buffer.Recycle();
  EXPECT_EQ(Unread(buffer), "rest");
  EXPECT_LE(buffer.Space(1, 0).size(), kInputBlockBytes);
  buffer.Consume(4);
  buffer.Trim();
  EXPECT_EQ(buffer.unread_size(), 0u);
  EXPECT_EQ(buffer.Space(1, 0).size(), kInputBlockBytes);
}

}  // namespace
}  // namespace quorate::resp
