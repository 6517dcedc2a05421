// SPDX-License-Identifier: Apache-2.0
// Another program, run to its end.
#pragma once

#include <string>
#include <vector>

#include "engine/base/status.h"

namespace quorate::sim {

struct Ran {
  int code = 0;        // its exit code, or 128 and the signal
  std::string output;  // of both kinds
};

// `words` are the program, which is looked for in PATH, and its arguments. 127: there is no such
// program. Unavailable where the machine refuses.
absl::StatusOr<Ran> RunProgram(const std::string& folder, std::vector<std::string> words);

}  // namespace quorate::sim
