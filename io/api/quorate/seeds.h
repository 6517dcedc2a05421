// SPDX-License-Identifier: Apache-2.0
// The second hook: where a node learns which seats its cluster has.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quorate/result.h"

namespace quorate {

struct Seat {
  std::string name;     // defaults to the address
  std::string address;  // host:port, where the other nodes reach it
  std::string rack = "rack1";
  std::string datacenter = "dc1";
  std::string tokens = {};  // decimal, with commas; empty: derived
  uint16_t weight = 1;      // share of derived tokens
  uint64_t disk = 1;        // raised when the seat gets a new, empty disk
  uint64_t node_id = 0;     // 0: derived from cluster, name and disk
  friend bool operator==(const Seat&, const Seat&) = default;
};

class SeedsProvider {
 public:
  virtual ~SeedsProvider() = default;
  // Calls `done` once, in the call or later, on any thread. All nodes of a cluster must be given
  // the same seats: nodes whose first epochs differ refuse each other. An empty list means a node
  // alone.
  virtual void Fetch(std::function<void(Result<std::vector<Seat>>)> done) = 0;
};

// The default: the seats of the configuration.
[[nodiscard]] std::unique_ptr<SeedsProvider> MakeStaticSeeds(std::vector<Seat> seats);
// Lines host:port:rack:datacenter:tokens, as in Dynomite's token files. `token_bits` is the width
// of the hash whose tokens they are.
[[nodiscard]] std::unique_ptr<SeedsProvider> MakeFileSeeds(std::string path, int token_bits);

}  // namespace quorate
