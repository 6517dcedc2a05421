// SPDX-License-Identifier: Apache-2.0
// DUMP and RESTORE.
#pragma once

#include <optional>

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteDump(KeyContext& context);
void ExecuteRestore(KeyContext& context);

struct RestoreOptions {
  bool replace = false;
  bool absolute = false;  // the deadline is a Unix time, no time to live
};
// The words behind the payload. Nothing, with Redis's words in `error`, where they are none.
[[nodiscard]] std::optional<RestoreOptions> ParseRestoreOptions(Arguments words, Bytes& error);

}  // namespace quorate::commands
