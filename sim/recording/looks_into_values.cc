// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/looks_into_values.h"

#include <algorithm>
#include <iterator>

#include "engine/commands/text.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kLookIn[] = {
    "append",   "setrange", "getrange", "substr",   "setbit", "getbit",
    "bitcount", "bitpos",   "bitop",    "bitfield", "lcs",    "bitfield_ro",
    "dump",     "restore",  "rename",   "renamenx", "copy",   "sort",
};

}  // namespace

bool LooksIntoValues(std::string_view command) {
  return std::any_of(std::begin(kLookIn), std::end(kLookIn),
                     [command](std::string_view word) { return commands::IsWord(command, word); });
}

}  // namespace quorate::sim
