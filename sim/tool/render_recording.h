// SPDX-License-Identifier: Apache-2.0
// Draws what a node recorded of a shard as a page, up to its failure if it has one.
#pragma once

#include <string>

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `out`: where the page goes. The exit code.
int RenderRecording(const std::string& path, const std::string& out, bool planted,
                    const Arguments& arguments);

}  // namespace quorate::sim
