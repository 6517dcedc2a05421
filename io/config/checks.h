// SPDX-License-Identifier: Apache-2.0
// What several settings must agree on, and what is refused because it is unsafe.
#pragma once

#include "io/config/node_config.h"
#include "io/config/reader.h"

namespace quorate::io {

// `tree` gives the places for refusals; it may lack any of them.
void CheckNode(Reader& reader, const Value& tree, const NodeConfig& config);
void CheckPools(Reader& reader, const Value& tree, const NodeConfig& config);

// Names the seats that have no name, and checks them: for the seats of the configuration itself and
// for those that came from elsewhere later.
void CheckSeats(Reader& reader, const Value& tree, NodeConfig& config);

}  // namespace quorate::io
