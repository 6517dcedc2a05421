// SPDX-License-Identifier: Apache-2.0
// Save and Load of a replica: its rows, the coordinator, and the operations that it runs.
#include "engine/base/codec.h"
#include "engine/commands/plan.h"
#include "engine/node/replica.h"

namespace quorate::node {
namespace {

void PutRequestIds(Bytes& out, const std::vector<wire::RequestId>& requests) {
  PutVarint(out, requests.size());
  for (const wire::RequestId request : requests) PutBigEndian(out, request.value);
}

void PutKeyCommand(Bytes& out, const KeyCommand& command) {
  PutVarint(out, command.args.size());
  for (const Bytes& argument : command.args) PutBlob(out, argument);
  PutVarint(out, command.key_index);
  PutBigEndian(out, command.place.value);
  PutBigEndian(out, static_cast<uint8_t>(command.read));
  PutBigEndian(out, static_cast<uint8_t>(command.write));
  PutBigEndian(out, static_cast<uint8_t>(command.needs_read));
  PutBigEndian(out, static_cast<uint8_t>(command.restampable));
  PutBigEndian(out, static_cast<uint8_t>(command.idempotent));
  PutBigEndian(out, static_cast<uint8_t>(command.reaps));
}

absl::StatusOr<KeyCommand> ReadKeyCommand(ByteReader& reader) {
  KeyCommand command;
  const uint64_t arguments = reader.Varint();
  for (uint64_t i = 0; i < arguments && reader.ok(); ++i) command.args.emplace_back(reader.Blob());
  command.key_index = reader.Varint();
  command.place.value = reader.BigEndian<uint64_t>();
  const auto read = reader.BigEndian<uint8_t>();
  const auto write = reader.BigEndian<uint8_t>();
  command.needs_read = reader.BigEndian<uint8_t>() != 0;
  command.restampable = reader.BigEndian<uint8_t>() != 0;
  command.idempotent = reader.BigEndian<uint8_t>() != 0;
  command.reaps = reader.BigEndian<uint8_t>() != 0;
  const std::vector<std::string_view> args(command.args.begin(), command.args.end());
  Bytes error;
  if (reader.ok() && !args.empty()) command.command = commands::ResolveCommand(args, error);
  if (command.command == nullptr || command.key_index >= args.size() ||
      read >= topology::kConsistencyLevels || write >= topology::kConsistencyLevels) {
    return DataLoss("shard state: an operation's command is malformed");
  }
  command.read = static_cast<topology::Consistency>(read);
  command.write = static_cast<topology::Consistency>(write);
  return command;
}

}  // namespace

void Replica::Save(Bytes& out) const {
  Bytes rows;
  uint64_t count = 0;
  keyspace_.StoreAll([&](std::string_view key, std::string_view value) {
    PutBlob(rows, key);
    PutBlob(rows, value);
    ++count;
  });
  PutVarint(out, count);
  out += rows;
  Bytes coordinator;
  coordinator_.Save(coordinator);
  PutBlob(out, coordinator);
  PutVarint(out, operations_.size());
  for (const auto& [id, operation] : operations_) {
    PutVarint(out, id.value);
    PutKeyCommand(out, operation.command);
    PutVarint(out, operation.waiter.ticket);
    PutBigEndian(out, operation.waiter.node.value);
    PutBigEndian(out, operation.waiter.incarnation.value);
    PutBigEndian(out, operation.waiter.request.value);
    PutBigEndian(out, operation.waiter.trace);
    PutBlob(out, operation.tape);
    PutRequestIds(out, operation.requests);
  }
  PutVarint(out, requests_.size());
  for (const auto& [request, open] : requests_) {
    PutBigEndian(out, request.value);
    PutVarint(out, open.operation.value);
    PutVarint(out, open.replica);
    PutVarint(out, open.step);
  }
  taken_.Save(out);
}

absl::Status Replica::LoadOperations(ByteReader& reader) {
  const uint64_t operations = reader.Varint();
  for (uint64_t i = 0; i < operations; ++i) {
    const dynamo::OperationId id{reader.Varint()};
    QUORATE_ASSIGN_OR_RETURN(KeyCommand command, ReadKeyCommand(reader));
    Operation operation{std::move(command), {}, {}, {}, {}, SelfCounts()};
    operation.waiter.ticket = reader.Varint();
    operation.waiter.node.value = reader.BigEndian<uint64_t>();
    operation.waiter.incarnation.value = reader.BigEndian<uint32_t>();
    operation.waiter.request.value = reader.BigEndian<uint64_t>();
    operation.waiter.trace = reader.BigEndian<uint64_t>();
    operation.tape = reader.Blob();
    operation.replicas = shard_.topology.ReplicasOf(spec_.id, operation.command.place);
    const uint64_t requests = reader.Varint();
    for (uint64_t j = 0; j < requests && reader.ok(); ++j) {
      operation.requests.push_back({reader.BigEndian<uint64_t>()});
    }
    if (operation.command.reaps) ++reaps_;
    operations_.emplace(id, std::move(operation));
  }
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: ends inside an operation");
}

absl::Status Replica::Load(ByteReader& reader) {
  const uint64_t rows = reader.Varint();
  for (uint64_t i = 0; i < rows && reader.ok(); ++i) {
    const std::string_view key = reader.Blob();
    QUORATE_RETURN_IF_ERROR(keyspace_.LoadRow(key, reader.Blob()));
  }
  QUORATE_RETURN_IF_ERROR(coordinator_.Load(reader.Blob()));
  QUORATE_RETURN_IF_ERROR(LoadOperations(reader));
  const uint64_t requests = reader.Varint();
  for (uint64_t i = 0; i < requests && reader.ok(); ++i) {
    const wire::RequestId request{reader.BigEndian<uint64_t>()};
    OpenRequest open;
    open.operation.value = reader.Varint();
    open.replica = reader.Varint();
    open.step = static_cast<uint32_t>(reader.Varint());
    requests_.emplace(request, open);
  }
  taken_.Load(reader);
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: malformed");
}

}  // namespace quorate::node
