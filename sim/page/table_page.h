// SPDX-License-Identifier: Apache-2.0
// A page of figures and tables about work that may be still going on: one HTML file, and nothing
// from anywhere else. While the work goes on the browser takes the file anew every few seconds.
// Whatever is said may hold any bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quorate::sim {

struct TableCell {
  enum class Look : uint8_t { kText, kNumber, kCode };
  std::string text;
  Look look = Look::kText;
  bool bad = false;
};

struct PageTable {
  std::string id;  // of its element: a word
  std::string title;
  std::string none;  // what is said where there are no rows
  std::vector<std::string> head;
  std::vector<std::vector<TableCell>> rows;
};

struct TablePage {
  std::string title;
  std::string chip;  // how it stands, in a word or two
  bool bad = false;
  std::string facts;
  std::vector<std::pair<std::string, std::string>> figures;  // what, and how much
  std::vector<PageTable> tables;
  std::string footer;
  bool goes_on = false;
};

[[nodiscard]] std::string MakeTablePage(const TablePage& page);

}  // namespace quorate::sim
