// SPDX-License-Identifier: Apache-2.0
// Places for what may overlap: each name has a first row, and others where that is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace quorate::sim {

class Rows {
 public:
  // The first row of the name that is free. Requires: `from` does not fall.
  size_t Take(const std::string& name, uint64_t from, uint64_t until) {
    std::vector<uint64_t>& rows = until_[name];
    size_t row = 0;
    while (row < rows.size() && rows[row] > from) ++row;
    if (row == rows.size()) rows.push_back(0);
    rows[row] = until;
    return row;
  }

 private:
  std::map<std::string, std::vector<uint64_t>> until_;
};

}  // namespace quorate::sim
