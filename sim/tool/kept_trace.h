// SPDX-License-Identifier: Apache-2.0
// A trace from a file, ready to be run by this build.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "sim/trace/trace.h"

namespace quorate::sim {

inline constexpr char kNoBug[] = "none";

// `planted`: this build has planted bugs. `bug` is planted in place of the trace's own, unless it
// is kNoBug. InvalidArgument and the errors of DecodeTrace, with the reason alone.
absl::StatusOr<Trace> LoadTrace(const std::string& path, bool planted, const std::string& bug);

}  // namespace quorate::sim
