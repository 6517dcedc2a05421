// SPDX-License-Identifier: Apache-2.0
// Makes a recording small whose replay dies of a check or, where a bug is planted, differs.
#pragma once

#include <string>

#include "sim/tool/arguments.h"

namespace quorate::sim {

// The exit code.
int ShrinkRecording(const std::string& path, bool planted, const Arguments& arguments);

}  // namespace quorate::sim
