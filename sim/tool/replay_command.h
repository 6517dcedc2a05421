// SPDX-License-Identifier: Apache-2.0
// Runs kept traces again: `replay` judges them, `retrace` makes replays this build's own.
#pragma once

#include <string>

namespace quorate::sim {

// Prints what became of it, with the summary line last. Returns the exit code.
// `planted`: this build has planted bugs, so traces that name one can be run. `bug` is planted in
// place of the trace's own, unless it is "none": what the trace is kept for must then be seen.
int ReplayFile(const std::string& path, bool planted, const std::string& bug);
// Writes the file anew.
int RetraceFile(const std::string& path, bool planted);

}  // namespace quorate::sim
