// SPDX-License-Identifier: Apache-2.0
// Save and Load of a replica: its keys, the coordinator, and the operations that it runs.
#include "engine/base/codec.h"
#include "engine/node/replica.h"
#include "engine/node/saved.h"

namespace quorate::node {

void Replica::Save(Bytes& out, bool hides, const keyspace::Keyspace::KeepKey& keep) const {
  keyspace_.Save(out, hides, keep);
  SaveOperations(out, hides);
}

void Replica::BeginSnapshot(Bytes& out, bool hides) {
  keyspace_.BeginSnapshot(out, hides);
  SaveOperations(out, hides);
}

void Replica::SaveOperations(Bytes& out, bool hides) const {
  Bytes coordinator;
  coordinator_.Save(coordinator, hides);
  PutBlob(out, coordinator);
  PutVarint(out, operations_.size());
  for (const auto& [id, operation] : operations_) {
    PutVarint(out, id.value);
    PutKeyCommand(out, operation.command, hides);
    PutVarint(out, operation.waiter.ticket);
    PutBigEndian(out, operation.waiter.node.value);
    PutBigEndian(out, operation.waiter.incarnation.value);
    PutBigEndian(out, operation.waiter.request.value);
    PutBigEndian(out, operation.waiter.trace);
    PutTape(out, operation.tape, hides);
    PutRequestIds(out, operation.requests);
    PutFlag(out, operation.self_counts);
  }
  PutVarint(out, requests_.size());
  for (const auto& [request, open] : requests_) {
    PutBigEndian(out, request.value);
    PutVarint(out, open.operation.value);
    PutVarint(out, open.replica);
    PutVarint(out, open.step);
    PutClocks(out, open.asked);
  }
  taken_.Save(out);
  PutInstant(out, next_sweep_);
  PutFlag(out, sweeping_);
  PutFlag(out, reaps_wait_);
  PutBlobs(out, {unstored_.begin(), unstored_.end()});
  PutVarint(out, evicted_);
  PutVarint(out, changes_);
}

absl::Status Replica::LoadOperations(ByteReader& reader) {
  const uint64_t operations = reader.Varint();
  for (uint64_t i = 0; i < operations; ++i) {
    const dynamo::OperationId id{reader.Varint()};
    QUORATE_ASSIGN_OR_RETURN(KeyCommand command, ReadKeyCommand(reader));
    Operation operation{std::move(command), {}, {}, {}, {}, true};
    operation.waiter.ticket = reader.Varint();
    operation.waiter.node.value = reader.BigEndian<uint64_t>();
    operation.waiter.incarnation.value = reader.BigEndian<uint32_t>();
    operation.waiter.request.value = reader.BigEndian<uint64_t>();
    operation.waiter.trace = reader.BigEndian<uint64_t>();
    operation.tape = reader.Blob();
    operation.replicas = shard_.topology.ReplicasOf(spec_.id, operation.command.place);
    operation.requests = ReadRequestIds(reader);
    operation.self_counts = ReadFlag(reader);
    if (operation.command.reaps) ++reaps_;
    operations_.emplace(id, std::move(operation));
  }
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: ends inside an operation");
}

absl::Status Replica::Load(ByteReader& reader) {
  QUORATE_RETURN_IF_ERROR(keyspace_.Load(reader));
  QUORATE_RETURN_IF_ERROR(coordinator_.Load(reader.Blob()));
  QUORATE_RETURN_IF_ERROR(LoadOperations(reader));
  const uint64_t requests = reader.Varint();
  for (uint64_t i = 0; i < requests && reader.ok(); ++i) {
    const wire::RequestId request{reader.BigEndian<uint64_t>()};
    OpenRequest open;
    open.operation.value = reader.Varint();
    open.replica = reader.Varint();
    open.step = static_cast<uint32_t>(reader.Varint());
    open.asked = ReadClocks(reader);
    requests_.emplace(request, open);
  }
  taken_.Load(reader);
  next_sweep_ = ReadInstant(reader);
  sweeping_ = ReadFlag(reader);
  reaps_wait_ = ReadFlag(reader);
  for (Bytes& key : ReadBlobs(reader)) unstored_.insert(std::move(key));
  evicted_ = reader.Varint();
  changes_ = reader.Varint();
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: malformed");
}

}  // namespace quorate::node
