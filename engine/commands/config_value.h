// SPDX-License-Identifier: Apache-2.0
// Checks the value of a setting and puts it into the form in which it is told.
#pragma once

#include <string>
#include <string_view>

#include "engine/commands/config_table.h"

namespace quorate::commands {

struct ConfigValue {
  std::string text;
  int64_t number = 0;
};
// InvalidArgument with Redis's words, without "ERR" and the name. `held` is the value until now.
[[nodiscard]] absl::StatusOr<ConfigValue> ParseConfigValue(const ConfigRow& row,
                                                           std::string_view text,
                                                           std::string_view held);

}  // namespace quorate::commands
