// SPDX-License-Identifier: Apache-2.0
// CONSISTENCY: the levels at which a connection, or one command, reads and writes.
//   CONSISTENCY                                tells the levels in force
//   CONSISTENCY [READ level] [WRITE level]     sets them for the connection; `CONSISTENCY level`
//   sets both CONSISTENCY ... THEN command ...           the same for one command; the node unwraps
//   it CONSISTENCY DEFAULT                        back to the pool's DYNO_CONFIG:CONN_CONSISTENCY
//   level         Dynomite's spelling
#pragma once

#include "engine/base/status.h"
#include "engine/commands/command.h"
#include "engine/topology/consistency.h"

namespace quorate::commands {

void HandleConsistency(ConnectionContext& context);
void HandleDynoConsistency(ConnectionContext& context);

struct ConsistencyPrefix {
  topology::ConsistencyOverride levels;
  size_t command = 0;  // where the command itself begins; 0: there is no THEN, nothing to unwrap
};
// Looks for `CONSISTENCY ... THEN`. InvalidArgument, with the reply's words, where that is
// malformed. Requires: args[0] is CONSISTENCY in any case.
[[nodiscard]] absl::StatusOr<ConsistencyPrefix> ParseConsistencyPrefix(Arguments args);

}  // namespace quorate::commands
