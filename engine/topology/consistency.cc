// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/consistency.h"

#include <array>
#include <cstddef>

namespace quorate::topology {
namespace {

constexpr std::array<std::string_view, kConsistencyLevels> kNames = {"ANY",
                                                                     "ONE",
                                                                     "QUORUM",
                                                                     "ALL",
                                                                     "LOCAL_ONE",
                                                                     "LOCAL_QUORUM",
                                                                     "EACH_QUORUM",
                                                                     "DC_ONE",
                                                                     "DC_QUORUM",
                                                                     "DC_SAFE_QUORUM",
                                                                     "DC_EACH_SAFE_QUORUM"};

bool EqualIgnoringCase(std::string_view a, std::string_view upper) {
  if (a.size() != upper.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'a' && a[i] <= 'z' ? static_cast<char>(a[i] - 'a' + 'A') : a[i];
    if (c != upper[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<Consistency> ParseConsistency(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (EqualIgnoringCase(name, kNames[i])) return static_cast<Consistency>(i);
  }
  return std::nullopt;
}

std::string_view NameOf(Consistency level) { return kNames.at(static_cast<size_t>(level)); }

}  // namespace quorate::topology
