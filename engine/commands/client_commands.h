// SPDX-License-Identifier: Apache-2.0
// CLIENT: what connections are there, what they are called, and closing them. A shard tells of its
// own.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void HandleClientId(ConnectionContext& context);
void HandleClientSetName(ConnectionContext& context);
void HandleClientGetName(ConnectionContext& context);
void HandleClientSetInfo(ConnectionContext& context);
void HandleClientList(ConnectionContext& context);
void HandleClientInfo(ConnectionContext& context);
void HandleClientKill(ConnectionContext& context);
void HandleClientReply(ConnectionContext& context);
void HandleClientNoEvict(ConnectionContext& context);
void HandleClientNoTouch(ConnectionContext& context);
void HandleClientGetRedir(ConnectionContext& context);
void HandleClientTrackingInfo(ConnectionContext& context);
void HandleClientHelp(ConnectionContext& context);

}  // namespace quorate::commands
