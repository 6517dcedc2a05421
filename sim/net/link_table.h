// SPDX-License-Identifier: Apache-2.0
// How many messages each pair of nodes has exchanged: what keys the draws of the next one. A row
// for each node that has sent one, so that a look at it is one line of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"

namespace quorate::sim {

class LinkTable {
 public:
  explicit LinkTable(uint32_t nodes) : rows_(nodes) {}

  // The number of this message on its link, from 0.
  uint32_t Next(uint32_t from, uint32_t to) {
    std::vector<uint32_t>& row = rows_[from];
    if (row.empty()) row.resize(rows_.size());
    uint32_t& count = row[to];
    QUORATE_CHECK(count < UINT32_MAX);
    if (count == 0) ++size_;
    return count++;
  }
  // Asks for the memory that Next will look at.
  void FetchAhead(uint32_t from, uint32_t to) const {
    const std::vector<uint32_t>& row = rows_[from];
    if (!row.empty()) __builtin_prefetch(&row[to]);
  }
  // Links that have carried a message.
  [[nodiscard]] size_t size() const { return size_; }

 private:
  std::vector<std::vector<uint32_t>> rows_;  // by sender; empty where it has sent nothing
  size_t size_ = 0;
};

}  // namespace quorate::sim
