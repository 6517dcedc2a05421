// SPDX-License-Identifier: Apache-2.0
// Draws what a node recorded of a shard, up to its failure if it has one.
#pragma once

#include <string>

#include "sim/tool/arguments.h"
#include "sim/tool/render_format.h"

namespace quorate::sim {

// `out`: where it goes. The exit code: kExitUsage where the format takes runs alone.
int RenderRecording(const std::string& path, RenderFormat format, const std::string& out,
                    bool planted, const Arguments& arguments);

}  // namespace quorate::sim
