// SPDX-License-Identifier: Apache-2.0
// How the parts of a shard write what they share into its saved state, and read it back. Malformed
// bytes leave a reader that is not ok, or give an error. `hides`: values become stand-ins.
#pragma once

#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/commands/client.h"
#include "engine/commands/command.h"
#include "engine/node/replica.h"
#include "engine/node/tick.h"
#include "engine/topology/consistency.h"

namespace quorate::node {

void PutFlag(Bytes& out, bool flag);
[[nodiscard]] bool ReadFlag(ByteReader& reader);
void PutInstant(Bytes& out, Instant instant);
[[nodiscard]] Instant ReadInstant(ByteReader& reader);
void PutClocks(Bytes& out, const Clocks& clocks);
[[nodiscard]] Clocks ReadClocks(ByteReader& reader);
void PutBlobs(Bytes& out, const std::vector<Bytes>& blobs);
[[nodiscard]] std::vector<Bytes> ReadBlobs(ByteReader& reader);
// Arguments of a request, and a tape.
void PutArgs(Bytes& out, const std::vector<Bytes>& args, bool hides);
void PutTape(Bytes& out, const Bytes& tape, bool hides);
void PutRequestIds(Bytes& out, const std::vector<wire::RequestId>& requests);
[[nodiscard]] std::vector<wire::RequestId> ReadRequestIds(ByteReader& reader);
void PutLevels(Bytes& out, const topology::ConsistencyOverride& levels);
[[nodiscard]] topology::ConsistencyOverride ReadLevels(ByteReader& reader);
void PutStatus(Bytes& out, const absl::Status& status);
[[nodiscard]] absl::Status ReadStatus(ByteReader& reader);

// A row of the command table, maybe none.
void PutCommand(Bytes& out, const commands::Command* command);
[[nodiscard]] const commands::Command* ReadCommand(ByteReader& reader);
void PutKeyCommand(Bytes& out, const KeyCommand& command, bool hides);
absl::StatusOr<KeyCommand> ReadKeyCommand(ByteReader& reader);

// Messages that wait to be sent.
void PutMessages(Bytes& out, const std::vector<Outgoing>& messages, bool hides);
absl::StatusOr<std::vector<Outgoing>> ReadMessages(ByteReader& reader);

// What the shard knows of a client, which the session that serves it next is told.
void PutClient(Bytes& out, const commands::Client& client);
void ReadClient(ByteReader& reader, commands::Client& client);

}  // namespace quorate::node
