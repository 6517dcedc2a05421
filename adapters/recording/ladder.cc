// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/ladder.h"

#include <charconv>
#include <cstring>

#include "engine/base/random.h"
#include "engine/hash/digest.h"
#include "engine/keyspace/stand_in.h"
#include "engine/node/hide.h"
#include "engine/wire/message_hash.h"

namespace quorate::recording {
namespace {

// Walks a reply as it is written: the digests of bulk strings stand for them.
uint64_t HashHidden(std::string_view reply) {
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
    if (line[0] != '$' && line[0] != '=') continue;
    int64_t size = -1;
    std::from_chars(line.data() + 1, line.data() + line.size(), size);
    if (size < 0 || static_cast<size_t>(size) > reply.size()) continue;
    hash = Mix(hash, keyspace::StandInDigest(reply.substr(0, static_cast<size_t>(size))));
    reply.remove_prefix(std::min(static_cast<size_t>(size) + 2, reply.size()));
  }
  return hash;
}

}  // namespace

void Ladder::Add(uint64_t number) { value_ = Mix(value_ + 0x632be59bd9b4e019, number); }

void Ladder::Sent(const env::Target& target, const wire::Message& message) {
  Add(target.node.value);
  if (!hides_) return Add(wire::HashOf(message));
  wire::Message hidden = message;
  node::HideMessage(hidden);
  Add(wire::HashOf(hidden));
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
