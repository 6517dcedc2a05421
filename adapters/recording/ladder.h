// SPDX-License-Identifier: Apache-2.0
// The hash of what a shard brings about: messages, commits, scans, replies, and at the end of each
// tick the digest of all its keys. One rung a tick, each on top of the one before.
//
// Where a recording leaves values out, a value counts by its digest, which its stand-in shares: so
// a replay still notices a value that is not the one it was, though it knows neither.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "engine/env/network.h"
#include "engine/node/hide.h"
#include "engine/wire/message.h"

namespace quorate::recording {

class Ladder {
 public:
  explicit Ladder(bool hides, uint64_t value = 0);

  // The message is as it was when this returns.
  void Sent(const env::Target& target, wire::Message& message);
  void Asked(uint64_t token, size_t bytes, uint64_t detail);
  void Replied(ClientId client, uint64_t slot, std::string_view reply);
  void Released(ClientId client, uint64_t barrier);
  // The rung of the tick that ends with this digest of all keys.
  [[nodiscard]] uint32_t Rung(uint64_t digest);
  [[nodiscard]] uint64_t value() const { return value_; }

 private:
  void Add(uint64_t number) { value_ = Mix(value_ + 0x632be59bd9b4e019, number); }

  uint64_t HashHidden(std::string_view reply);

  bool hides_;
  uint64_t value_;
  const uint64_t ok_;  // the hash of +OK
  // The last reply that was one bulk string: the line with its length, how long the reply was, and
  // the hash up to the string. The next one is often as long.
  Bytes bulk_line_;
  size_t bulk_size_ = 0;
  uint64_t bulk_hash_ = 0;
  node::Veil veil_;
};

}  // namespace quorate::recording
