// SPDX-License-Identifier: Apache-2.0
// How many messages each pair of nodes has exchanged: what keys the draws of the next one. A link
// takes 16 bytes and exists from its first message on, so a world of n nodes does not cost n * n.
// Open addressing with a fixed hash; never iterated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "sim/net/limits.h"

namespace quorate::sim {

class LinkTable {
 public:
  LinkTable() : links_(kLinksInitial) {}

  // The number of this message on its link, from 0. Requires: from != to or both the same for ever.
  uint64_t Next(uint32_t from, uint32_t to) {
    if ((used_ + 1) * 4 > links_.size() * 3) Grow();
    Link& link = Find(from, to);
    if (link.count == 0) {
      link.from = from;
      link.to = to;
      ++used_;
    }
    return link.count++;
  }
  [[nodiscard]] size_t size() const { return used_; }

 private:
  struct Link {
    uint32_t from = 0;
    uint32_t to = 0;
    uint64_t count = 0;  // 0: the place is free
  };
  static_assert(sizeof(Link) == 16);

  Link& Find(uint32_t from, uint32_t to) {
    const uint64_t key = uint64_t{from} << 32 | to;
    size_t place = static_cast<size_t>(Mix(key, 0x51ed270b)) & (links_.size() - 1);
    while (links_[place].count != 0 && (links_[place].from != from || links_[place].to != to)) {
      place = (place + 1) & (links_.size() - 1);
    }
    return links_[place];
  }
  void Grow() {
    std::vector<Link> old(links_.size() * 2);
    old.swap(links_);
    for (const Link& link : old) {
      if (link.count != 0) Find(link.from, link.to) = link;
    }
  }

  std::vector<Link> links_;  // a power of two
  size_t used_ = 0;
};

}  // namespace quorate::sim
