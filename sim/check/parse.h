// SPDX-License-Identifier: Apache-2.0
// A history from the bytes of a file, strictly: every line is understood whole, or the first that
// is not is named by number and reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/status.h"
#include "sim/check/history.h"

namespace quorate::sim::check {

enum class FileFormat : uint8_t {
  kText,       // our own
  kJepsenLog,  // of events
  kEdn,        // of events
};

[[nodiscard]] std::string_view NameOf(FileFormat format);
[[nodiscard]] std::optional<FileFormat> FormatNamed(std::string_view name);
// By the first line. None of the formats begins as another does.
[[nodiscard]] std::optional<FileFormat> FormatOf(std::string_view file);

// InvalidArgument: a bad line; ResourceExhausted: above a limit.
absl::StatusOr<History> ParseHistory(std::string_view file, FileFormat format);

}  // namespace quorate::sim::check
