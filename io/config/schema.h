// SPDX-License-Identifier: Apache-2.0
// The settings of a node and how each is read. README.md's table lists the same names; a test
// compares the two.
#pragma once

#include <string>
#include <vector>

#include "io/config/node_config.h"
#include "io/config/reader.h"

namespace quorate::io {

// Reads every section, without the checks that concern several settings.
void ReadSettings(Reader& reader, const Value& tree, NodeConfig& config);

// Every setting as a path: "log.level", "pools[].listen".
[[nodiscard]] std::vector<std::string> SettingPaths();

}  // namespace quorate::io
