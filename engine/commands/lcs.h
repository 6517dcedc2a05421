// SPDX-License-Identifier: Apache-2.0
// LCS: the longest common subsequence of two strings. The strings may live on different nodes, so
// each is read by GET and the table is computed where both have arrived.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void JoinLcs(Arguments args, std::span<const Bytes> tapes, ReplySink& reply);

}  // namespace quorate::commands
