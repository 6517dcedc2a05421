// SPDX-License-Identifier: Apache-2.0
// The commands on fields of a hash. A field is a cell of its own: writes to different fields merge,
// and HDEL kills the version that it saw.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteHSet(KeyContext& context);
void ExecuteHMSet(KeyContext& context);
void ExecuteHSetNx(KeyContext& context);
void ExecuteHGet(KeyContext& context);
void ExecuteHMGet(KeyContext& context);
void ExecuteHGetAll(KeyContext& context);
void ExecuteHKeys(KeyContext& context);
void ExecuteHVals(KeyContext& context);
void ExecuteHDel(KeyContext& context);
void ExecuteHExists(KeyContext& context);
void ExecuteHLen(KeyContext& context);
void ExecuteHStrLen(KeyContext& context);

// Writes fields at the context's stamp, and the type where the key is not a hash now.
void WriteField(KeyContext& context, std::string_view name, std::string_view value);

}  // namespace quorate::commands
