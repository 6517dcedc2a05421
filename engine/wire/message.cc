// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/message.h"

#include <array>

namespace quorate::wire {

std::string_view NameOf(const Body& body) {
  static constexpr std::array<std::string_view, std::variant_size_v<Body>> kNames = {
      "Execute",  "ExecuteReply",  "Read", "ReadReply", "Mutate",      "MutateReply",
      "Keyspace", "KeyspaceReply", "Ping", "Pong",      "EpochNotice", "Settings"};
  return kNames.at(body.index());
}

}  // namespace quorate::wire
