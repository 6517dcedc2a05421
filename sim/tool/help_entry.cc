// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/help_entry.h"

#include <algorithm>

namespace quorate::sim {
namespace {

// Where the line behind the one that begins at `at` begins.
size_t NextLine(std::string_view help, size_t at) {
  return std::min(help.find('\n', at), help.size() - 1) + 1;
}

// "quorate-sim run SCENARIO ..." and "quorate-sim list" are of "run" and "list".
bool BeginsEntryOf(std::string_view line, std::string_view command) {
  const size_t space = line.find(' ');
  if (!line.starts_with("quorate-sim") || space == std::string_view::npos) return false;
  const std::string_view rest = line.substr(space + 1);
  return rest.substr(0, rest.find_first_of(" \n")) == command;
}

}  // namespace

std::string_view HelpEntry(std::string_view help, std::string_view command) {
  for (size_t begin = 0; begin < help.size(); begin = NextLine(help, begin)) {
    if (!BeginsEntryOf(help.substr(begin), command)) continue;
    size_t end = NextLine(help, begin);
    while (end < help.size() && help[end] == ' ') end = NextLine(help, end);
    return help.substr(begin, end - begin);
  }
  return {};
}

}  // namespace quorate::sim
