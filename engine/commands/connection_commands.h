// SPDX-License-Identifier: Apache-2.0
// The commands by which a client and a node get to know each other.
#pragma once

#include "engine/commands/client.h"
#include "engine/commands/command.h"

namespace quorate::commands {

void HandlePing(ConnectionContext& context);
void HandleEcho(ConnectionContext& context);
void HandleHello(ConnectionContext& context);
void HandleAuth(ConnectionContext& context);
void HandleSelect(ConnectionContext& context);
void HandleQuit(ConnectionContext& context);
void HandleReset(ConnectionContext& context);
void HandleWait(ConnectionContext& context);

// Names with spaces, line ends or other control characters would break CLIENT LIST.
[[nodiscard]] bool IsClientName(std::string_view name);
inline constexpr std::string_view kBadClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";

// What RESET leaves, and what a connection begins with.
[[nodiscard]] ClientState InitialState(const Server& server);

}  // namespace quorate::commands
