// SPDX-License-Identifier: Apache-2.0
#include "engine/node/saved.h"

#include <utility>

#include "engine/commands/plan.h"
#include "engine/node/hide.h"
#include "engine/wire/frame.h"

namespace quorate::node {
namespace {

void PutLevel(Bytes& out, const std::optional<topology::Consistency>& level) {
  out.push_back(level ? static_cast<char>(static_cast<int>(*level) + 1) : '\0');
}

std::optional<topology::Consistency> ReadLevel(ByteReader& reader) {
  const auto level = reader.BigEndian<uint8_t>();
  if (level == 0 || level > topology::kConsistencyLevels) return std::nullopt;
  return static_cast<topology::Consistency>(level - 1);
}

}  // namespace

void PutFlag(Bytes& out, bool flag) { out.push_back(flag ? 1 : 0); }
bool ReadFlag(ByteReader& reader) { return reader.BigEndian<uint8_t>() != 0; }

void PutInstant(Bytes& out, Instant instant) {
  PutBigEndian(out, instant.time_since_epoch().count());
}
Instant ReadInstant(ByteReader& reader) { return Instant(Duration(reader.BigEndian<int64_t>())); }

void PutClocks(Bytes& out, const Clocks& clocks) {
  PutInstant(out, clocks.monotonic);
  PutBigEndian(out, clocks.wall.ms);
}
Clocks ReadClocks(ByteReader& reader) {
  Clocks clocks;
  clocks.monotonic = ReadInstant(reader);
  clocks.wall.ms = reader.BigEndian<int64_t>();
  return clocks;
}

void PutBlobs(Bytes& out, const std::vector<Bytes>& blobs) {
  PutVarint(out, blobs.size());
  for (const Bytes& blob : blobs) PutBlob(out, blob);
}
std::vector<Bytes> ReadBlobs(ByteReader& reader) {
  std::vector<Bytes> blobs;
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) blobs.emplace_back(reader.Blob());
  return blobs;
}

void PutArgs(Bytes& out, const std::vector<Bytes>& args, bool hides) {
  if (!hides) return PutBlobs(out, args);
  std::vector<Bytes> hidden = args;
  HideArgs(hidden);
  PutBlobs(out, hidden);
}

void PutTape(Bytes& out, const Bytes& tape, bool hides) {
  Bytes kept = tape;
  if (hides) HideTape(kept);
  PutBlob(out, kept);
}

void PutRequestIds(Bytes& out, const std::vector<wire::RequestId>& requests) {
  PutVarint(out, requests.size());
  for (const wire::RequestId request : requests) PutBigEndian(out, request.value);
}
std::vector<wire::RequestId> ReadRequestIds(ByteReader& reader) {
  std::vector<wire::RequestId> requests;
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    requests.push_back({reader.BigEndian<uint64_t>()});
  }
  return requests;
}

void PutLevels(Bytes& out, const topology::ConsistencyOverride& levels) {
  PutLevel(out, levels.read);
  PutLevel(out, levels.write);
}
topology::ConsistencyOverride ReadLevels(ByteReader& reader) {
  topology::ConsistencyOverride levels;
  levels.read = ReadLevel(reader);
  levels.write = ReadLevel(reader);
  return levels;
}

void PutStatus(Bytes& out, const absl::Status& status) {
  PutVarint(out, static_cast<uint64_t>(status.code()));
  PutBlob(out, MessageOf(status));
}
absl::Status ReadStatus(ByteReader& reader) {
  const auto code = static_cast<absl::StatusCode>(reader.Varint());
  const Bytes text(reader.Blob());
  return absl::Status(code, text);
}

void PutCommand(Bytes& out, const commands::Command* command) {
  PutVarint(out, command == nullptr ? 0 : commands::RowOf(*command) + 1);
}
const commands::Command* ReadCommand(ByteReader& reader) {
  const uint64_t row = reader.Varint();
  return row == 0 ? nullptr : commands::CommandOf(row - 1);
}

void PutKeyCommand(Bytes& out, const KeyCommand& command, bool hides) {
  PutCommand(out, command.command);
  PutArgs(out, command.args, hides);
  PutVarint(out, command.key_index);
  PutBigEndian(out, command.place.value);
  PutBigEndian(out, static_cast<uint8_t>(command.read));
  PutBigEndian(out, static_cast<uint8_t>(command.write));
  PutFlag(out, command.needs_read);
  PutFlag(out, command.restampable);
  PutFlag(out, command.idempotent);
  PutFlag(out, command.reaps);
}

absl::StatusOr<KeyCommand> ReadKeyCommand(ByteReader& reader) {
  KeyCommand command;
  command.command = ReadCommand(reader);
  command.args = ReadBlobs(reader);
  command.key_index = reader.Varint();
  command.place.value = reader.BigEndian<uint64_t>();
  const auto read = reader.BigEndian<uint8_t>();
  const auto write = reader.BigEndian<uint8_t>();
  command.needs_read = ReadFlag(reader);
  command.restampable = ReadFlag(reader);
  command.idempotent = ReadFlag(reader);
  command.reaps = ReadFlag(reader);
  if (!reader.ok() || command.command == nullptr || command.command->execute == nullptr ||
      !commands::ArityFits(*command.command, command.args.size()) ||
      command.key_index >= command.args.size() || read >= topology::kConsistencyLevels ||
      write >= topology::kConsistencyLevels) {
    return DataLoss("shard state: a command is malformed");
  }
  command.read = static_cast<topology::Consistency>(read);
  command.write = static_cast<topology::Consistency>(write);
  return command;
}

// Each in a frame of its own: the sender is part of it, and one message differs from the next.
void PutMessages(Bytes& out, const std::vector<Outgoing>& messages, bool hides) {
  PutVarint(out, messages.size());
  Bytes frame;
  for (const Outgoing& outgoing : messages) {
    PutBigEndian(out, outgoing.target.node.value);
    frame.clear();
    wire::Envelope envelope{outgoing.target, outgoing.message};
    if (hides) HideMessage(envelope.message);
    wire::EncodeFrame({0, Epoch{}, outgoing.message.sender}, {&envelope, 1}, frame);
    PutBlob(out, frame);
  }
}

absl::StatusOr<std::vector<Outgoing>> ReadMessages(ByteReader& reader) {
  std::vector<Outgoing> messages;
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const NodeId node{reader.BigEndian<uint64_t>()};
    QUORATE_ASSIGN_OR_RETURN(wire::Frame frame, wire::DecodeFrame(reader.Blob()));
    if (frame.envelopes.size() != 1) return DataLoss("shard state: not one message");
    wire::Envelope& envelope = frame.envelopes.front();
    envelope.target.node = node;
    messages.push_back({envelope.target, std::move(envelope.message)});
  }
  return messages;
}

void PutClient(Bytes& out, const commands::Client& client) {
  const commands::ClientState& state = client.state;
  PutBigEndian(out, state.protocol);
  PutFlag(out, state.authenticated);
  PutFlag(out, state.close_after_reply);
  PutFlag(out, state.reply_off);
  PutFlag(out, state.reply_skip);
  PutBlob(out, state.user);
  PutBlob(out, state.name);
  PutBlob(out, state.library_name);
  PutBlob(out, state.library_version);
  PutLevels(out, state.consistency);
  PutBlob(out, client.address);
  PutBlob(out, client.local_address);
  PutInstant(out, client.connected_at);
  PutVarint(out, client.requests);
  PutInstant(out, client.active_at);
  PutCommand(out, client.last_command);
}

void ReadClient(ByteReader& reader, commands::Client& client) {
  commands::ClientState& state = client.state;
  state.protocol = reader.BigEndian<uint8_t>();
  state.authenticated = ReadFlag(reader);
  state.close_after_reply = ReadFlag(reader);
  state.reply_off = ReadFlag(reader);
  state.reply_skip = ReadFlag(reader);
  state.user = reader.Blob();
  state.name = reader.Blob();
  state.library_name = reader.Blob();
  state.library_version = reader.Blob();
  state.consistency = ReadLevels(reader);
  client.address = reader.Blob();
  client.local_address = reader.Blob();
  client.connected_at = ReadInstant(reader);
  client.requests = reader.Varint();
  client.active_at = ReadInstant(reader);
  client.last_command = ReadCommand(reader);
}

}  // namespace quorate::node
