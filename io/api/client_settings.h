// SPDX-License-Identifier: Apache-2.0
// The node's configuration in the words of Redis's CONFIG, which clients read and partly set.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/commands/config_table.h"
#include "engine/env/observer.h"
#include "io/config/node_config.h"

namespace quorate::api {

// What CONFIG tells from the start: where the node listens (one with a single pool), where its data
// are, and the level of its log.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> ClientSettingsOf(
    const io::NodeConfig& config);

// The level that CONFIG SET loglevel asks for.
[[nodiscard]] env::LogLevel LogLevelOf(const commands::ConfigTable& config);

}  // namespace quorate::api
