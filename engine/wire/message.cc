// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/message.h"

#include <array>

namespace quorate::wire {

std::string_view NameOfBody(size_t index) {
  static constexpr std::array<std::string_view, kBodies> kNames = {
      "Execute",  "ExecuteReply",  "Read", "ReadReply", "Mutate",      "MutateReply",
      "Keyspace", "KeyspaceReply", "Ping", "Pong",      "EpochNotice", "Settings"};
  return kNames.at(index);
}

}  // namespace quorate::wire
