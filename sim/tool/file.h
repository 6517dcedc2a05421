// SPDX-License-Identifier: Apache-2.0
// Whole files, for traces. The simulator itself has none.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/codec.h"
#include "engine/base/status.h"

namespace quorate::sim {

absl::StatusOr<Bytes> ReadFile(const std::string& path);
absl::Status WriteFile(const std::string& path, std::string_view bytes);
// Whoever reads it at any time reads all of it, as it was or as it is.
absl::Status ReplaceFile(const std::string& path, std::string_view bytes);

}  // namespace quorate::sim
