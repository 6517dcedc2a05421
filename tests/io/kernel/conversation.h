// SPDX-License-Identifier: Apache-2.0
// What one client says and must hear, and how well it behaves.
#pragma once

#include <string>

#include "adapters/resp/client_codec.h"
#include "engine/base/random.h"
#include "engine/base/status.h"
#include "io/http/http_message.h"

namespace quorate::io {

enum class Manner : uint8_t {
  kHalfCloses,    // says all, ends its side, reads to the end
  kWaits,         // says all, reads what it is owed, closes
  kReadsSlowly,   // like kWaits, a few bytes at a time
  kReadsNothing,  // until the faults are over; then like kWaits
  kLeaves,        // closes at any moment
  kStranger,      // says what makes no sense, ends its side; must be sent away
  kCount,
};

struct Conversation {
  Manner manner = Manner::kWaits;
  std::string request;
  std::string expected;  // every byte of it, in order
};

inline std::string Filler(uint64_t seed, size_t size) {
  std::string text(size, '\0');
  Prng draws(seed);
  for (char& letter : text) letter = static_cast<char>('a' + draws.Below(26));
  return text;
}

inline Conversation Echoes(uint64_t seed, Manner manner) {
  Conversation made{manner, {}, {}};
  Prng draws(seed);
  // Now and then more than a session keeps for somebody who does not read.
  const bool flood = manner == Manner::kReadsNothing && draws.Chance(1, 8);
  const uint64_t requests = flood ? 80 : draws.Between(1, 10);
  for (uint64_t i = 0; i < requests; ++i) {
    const std::string text =
        Format("%d-", i) +
        Filler(draws.Next(), flood ? 40'000 : draws.Below(uint64_t{8} << draws.Below(11)));
    Bytes bytes;
    resp::EncodeCommand({"ECHO", text}, bytes);
    made.request += bytes;
    made.expected += Format("$%d\r\n%s\r\n", text.size(), text);
  }
  return made;
}

// What the server under test serves at /SIZE.
inline HttpResponse Page(const HttpRequest& request) {
  HttpResponse response;
  response.body = Filler(7, static_cast<size_t>(std::stoul(request.path.substr(1))));
  return response;
}

inline Conversation Scrape(uint64_t seed, Manner manner) {
  const std::string path = Format("/%d", Prng(seed).Below(20'000));
  HttpRequest request;
  request.path = path;
  return {manner, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", EncodeHttp(Page(request), false)};
}

// The begin of a TLS record, of a request, or of nothing at all.
inline Conversation Nonsense(uint64_t seed) {
  Prng draws(seed);
  std::string request;
  switch (draws.Below(3)) {
    case 0:
      request = std::string("\x16\x03\x01\x02\x00\x01", 6) + Filler(seed, draws.Below(100));
      break;
    case 1:
      request = "*2\r\n$4\r\nECHO\r\n$900\r\n" + Filler(seed, draws.Below(800));
      break;
    default:
      request = Filler(seed, 1 + draws.Below(30));
  }
  return {Manner::kStranger, request, {}};
}

}  // namespace quorate::io
