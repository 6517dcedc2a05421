// SPDX-License-Identifier: Apache-2.0
// Exit codes of quorate-sim. Failures of runs have codes from kFirstFailureExitCode on
// (sim/world/failure.h).
#pragma once

namespace quorate::sim {

inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 1;   // the command line makes no sense
inline constexpr int kExitInput = 2;   // a file cannot be read, or is not what it should be
inline constexpr int kExitSystem = 3;  // the machine refused: no process, no file
inline constexpr int kExitHolds =
    4;  // nothing to make small, to explain or to look for: the run holds
inline constexpr int kExitDiffers = 5;  // diff: the runs are not the same
inline constexpr int kExitMissed =
    6;  // bugs, bisect: one was not found; or the control was not silent

}  // namespace quorate::sim
