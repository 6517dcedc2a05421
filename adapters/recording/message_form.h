// SPDX-License-Identifier: Apache-2.0
// A message of a peer or a sibling in a recording: its fields one after another. A frame
// would take several times as long to make, and three times the bytes.
//
//   message  length of what follows (32 bits), sender, requester, trace, index of the body, fields
//            of the body
//   data     bytes that may hold values: their length, twice it, and the bytes; or one more than
//            twice it, and by turns a length and so many bytes, and a length and the digest of a
//            value that was left out, up to that length
//   args     their number; each its length, twice it, and the bytes, or one more and the digest
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "engine/wire/message.h"

namespace quorate::recording {

// What writing needs meanwhile; lent, so that its memory is used again.
using HiddenParts = std::vector<std::string_view>;

// No message takes more bytes than this.
[[nodiscard]] size_t MessageBytesMax(const wire::Message& message);
// Writes the message without its values (`hides`) or whole; its passwords never. Returns the byte
// behind. Requires: room for MessageBytesMax.
char* WriteMessage(char* at, const wire::Message& message, bool hides, HiddenParts& scratch);

// With stand-ins for values that were left out. DataLoss where it is malformed.
absl::StatusOr<wire::Message> ReadMessage(ByteReader& reader);
// Whose length is known; false where there are fewer bytes.
bool SkipMessage(ByteReader& reader);

}  // namespace quorate::recording
