// SPDX-License-Identifier: Apache-2.0
// Small files that a configuration names: itself, passwords, seeds.
#pragma once

#include <string>

#include "engine/base/status.h"

namespace quorate::io {

// The whole file. FailedPrecondition where it cannot be read, ResourceExhausted where it is larger
// than a configuration may be; both name it.
[[nodiscard]] absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

// The first line of a password file. FailedPrecondition where it is empty, too long, or where every
// user of the machine may read or change it.
[[nodiscard]] absl::StatusOr<std::string> ReadPasswordFile(const std::string& path);

}  // namespace quorate::io
