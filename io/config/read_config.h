// SPDX-License-Identifier: Apache-2.0
// From the tree of settings to a NodeConfig, with every refusal an operator can get.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/config/node_config.h"
#include "io/config/value.h"

namespace quorate::io {

// The format of the file, its key `version`. A file without the key has the newest.
inline constexpr uint64_t kConfigVersion = 1;
inline constexpr uint64_t kConfigVersionOldest = 1;

struct ConfigResult {
  NodeConfig config;  // meaningful where there are no problems
  std::vector<Problem> problems;
  std::vector<Problem> warnings;
};

enum class SeatsFrom : uint8_t {
  kConfiguration,
  kElsewhere,  // a provider gives them later; then CheckSeats and TopologyOf follow
};

// Reads the tree and checks it as a whole. Files that it names are not touched; a seeds_file counts
// as seats from elsewhere.
[[nodiscard]] ConfigResult ReadConfig(const Value& tree,
                                      SeatsFrom seats_from = SeatsFrom::kConfiguration);
// The same from the text of a file.
[[nodiscard]] ConfigResult ReadConfigText(std::string_view text, std::string_view source);

}  // namespace quorate::io
