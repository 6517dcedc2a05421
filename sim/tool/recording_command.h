// SPDX-License-Identifier: Apache-2.0
// replay, why and diff of recordings that nodes made (quorated --record).
#pragma once

#include <string>
#include <string_view>

#include "sim/tool/arguments.h"

namespace quorate::sim {

// Executes the shard again and says whether it went as recorded. The exit code.
int ReplayRecordingFile(const std::string& path, bool planted, const Arguments& arguments);
// What went into a tick, `wanted` or the first that differs, and how it ended.
int WhyTick(const std::string& path, std::string_view wanted, bool planted,
            const Arguments& arguments);
// The first tick at which two recordings of one shard part.
int DiffRecordings(const std::string& a, const std::string& b, const Arguments& arguments);

}  // namespace quorate::sim
