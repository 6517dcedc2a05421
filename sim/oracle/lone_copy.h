// SPDX-License-Identifier: Apache-2.0
// One copy of keys that executes commands at once, by the engine's own functions, without a node
// around it: what somebody who is alone with a key may expect of a cluster.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/base/codec.h"
#include "engine/base/time.h"
#include "engine/keyspace/keyspace.h"

namespace quorate::sim {

class LoneCopy {
 public:
  LoneCopy();

  struct Answer {
    resp::Reply reply;
    bool writes = false;  // commands of its kind do
    bool reads = false;   // and what this one leaves or says depends on what was there
    Bytes cells;          // what this one writes; empty: nothing
  };
  // How it answers. Nothing for what is no command on exactly one key.
  [[nodiscard]] std::optional<Answer> Ask(const std::vector<Bytes>& command);
  // What an answer to a command on this key writes; not empty.
  void Keep(std::string_view key, const Bytes& cells);

 private:
  keyspace::Keyspace keyspace_;
  const size_t string_bytes_max_;
  HybridTime now_;
};

}  // namespace quorate::sim
