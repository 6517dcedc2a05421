// SPDX-License-Identifier: Apache-2.0
// How many messages each pair of nodes has exchanged: what keys the draws of the next one. A link
// exists from its first message on, so a world of n nodes does not cost n * n.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/check.h"
#include "engine/base/probe_table.h"
#include "engine/base/random.h"

namespace quorate::sim {

class LinkTable {
 public:
  // The number of this message on its link, from 0.
  uint32_t Next(uint32_t from, uint32_t to) {
    const uint64_t hash = HashOf(from, to);
    const auto is = [&](const Link& link) { return link.from == from && link.to == to; };
    Link* link = links_.Find(hash, is);
    if (link == nullptr) link = &links_.Add(hash, {from, to, 0});
    QUORATE_CHECK(link->count < UINT32_MAX);
    return link->count++;
  }
  // Asks for the memory that Next will look at.
  void FetchAhead(uint32_t from, uint32_t to) const { links_.FetchAhead(HashOf(from, to)); }
  [[nodiscard]] size_t size() const { return links_.size(); }

 private:
  struct Link {
    uint32_t from = 0;
    uint32_t to = 0;
    uint32_t count = 0;
  };
  static uint64_t HashOf(uint32_t from, uint32_t to) {
    return Mix(uint64_t{from} << 32 | to, 0x51ed270b);
  }

  ProbeTable<Link> links_;
};

}  // namespace quorate::sim
