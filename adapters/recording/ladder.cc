// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/ladder.h"

#include <charconv>
#include <cstring>

#include "engine/hash/digest.h"
#include "engine/keyspace/stand_in.h"
#include "engine/wire/message_hash.h"

namespace quorate::recording {
namespace {

constexpr std::string_view kOk = "+OK\r\n";

// The bytes of the bulk string or verbatim text that begins with `line`; -1 where it is none.
int64_t BulkBytes(std::string_view line) {
  int64_t size = -1;
  if (line[0] == '$' || line[0] == '=') {
    std::from_chars(line.data() + 1, line.data() + line.size(), size);
  }
  return size;
}

// Walks a reply as it is written: the digests of bulk strings stand for them.
uint64_t WalkHidden(std::string_view reply) {
  uint64_t hash = reply.size();
  while (!reply.empty()) {
    const size_t end = reply.find('\r');
    const std::string_view line = reply.substr(0, end);
    reply.remove_prefix(end == std::string_view::npos ? reply.size()
                                                      : std::min(end + 2, reply.size()));
    if (line.empty()) continue;
    if (line[0] == '-') {  // its words may be of what is left out
      hash = hash::Digest(line.substr(0, line.find(' ')), hash);
      continue;
    }
    hash = hash::Digest(line, hash);
    const int64_t size = BulkBytes(line);
    if (size < 0 || static_cast<size_t>(size) > reply.size()) continue;
    hash = Mix(hash, keyspace::StandInDigest(reply.substr(0, static_cast<size_t>(size))));
    reply.remove_prefix(std::min(static_cast<size_t>(size) + 2, reply.size()));
  }
  return hash;
}

}  // namespace

Ladder::Ladder(bool hides, uint64_t value) : hides_(hides), value_(value), ok_(WalkHidden(kOk)) {}

// What WalkHidden gives, without walking where the reply is like the last one.
uint64_t Ladder::HashHidden(std::string_view reply) {
  if (reply == kOk) return ok_;
  if (reply.empty() || reply[0] != '$') return WalkHidden(reply);
  if (reply.size() != bulk_size_ || !reply.starts_with(bulk_line_)) {
    const size_t end = reply.find('\r');
    if (end == std::string_view::npos) return WalkHidden(reply);
    const std::string_view line = reply.substr(0, end);
    const int64_t size = BulkBytes(line);
    if (size < 0 || end + 2 + static_cast<size_t>(size) + 2 != reply.size()) {
      return WalkHidden(reply);
    }
    bulk_line_ = reply.substr(0, end + 2);
    bulk_size_ = reply.size();
    bulk_hash_ = hash::Digest(line, reply.size());
  }
  const size_t at = bulk_line_.size();
  return Mix(bulk_hash_, keyspace::StandInDigest(reply.substr(at, reply.size() - at - 2)));
}

void Ladder::Sent(const env::Target& target, wire::Message& message) {
  Add(target.node.value);
  if (hides_) veil_.Cover(message);
  Add(wire::HashOf(message));
  veil_.Uncover();
}

void Ladder::Asked(uint64_t token, size_t bytes, uint64_t detail) {
  Add(token);
  Add(bytes);
  Add(detail);
}

void Ladder::Replied(ClientId client, uint64_t slot, std::string_view reply) {
  Add(client.value);
  Add(slot);
  Add(hides_ ? HashHidden(reply) : hash::Digest(reply, slot));
}

void Ladder::Released(ClientId client, uint64_t barrier) {
  Add(client.value);
  Add(barrier);
}

uint32_t Ladder::Rung(uint64_t digest) {
  Add(digest);
  return static_cast<uint32_t>(value_);
}

}  // namespace quorate::recording
