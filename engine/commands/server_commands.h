// SPDX-License-Identifier: Apache-2.0
// The commands about the node that have no family of their own.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void HandleInfo(ConnectionContext& context);
void HandleTime(ConnectionContext& context);
void HandleDebug(ConnectionContext& context);
void HandleFunctionFlush(ConnectionContext& context);
void HandleSlowlogGet(ConnectionContext& context);
void HandleSlowlogLen(ConnectionContext& context);
void HandleSlowlogReset(ConnectionContext& context);
void HandleSlowlogHelp(ConnectionContext& context);

// The sections of INFO, as Server::InfoSection is asked for them, in the order in which they are
// told. `in_default`: without arguments, or by the name "default".
struct InfoSectionName {
  std::string_view name;   // lower case
  std::string_view title;  // as it is printed
  bool in_default;
};
[[nodiscard]] std::span<const InfoSectionName> InfoSections();

}  // namespace quorate::commands
