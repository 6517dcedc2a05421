// SPDX-License-Identifier: Apache-2.0
// Save and Load of the coordinator. One version byte, then operations and turns; timers are
// derived.
#include "engine/base/codec.h"
#include "engine/dynamo/coordinator.h"
#include "engine/dynamo/limits.h"
#include "engine/keyspace/stand_in.h"

namespace quorate::dynamo {
namespace {

constexpr uint8_t kStateVersion = 3;

void PutInstant(Bytes& out, Instant instant) {
  PutBigEndian(out, instant.time_since_epoch().count());
}
Instant ReadInstant(ByteReader& reader) { return Instant(Duration(reader.BigEndian<int64_t>())); }

void PutFlag(Bytes& out, bool flag) { out.push_back(flag ? 1 : 0); }
bool ReadFlag(ByteReader& reader) { return reader.BigEndian<uint8_t>() != 0; }

void PutIds(Bytes& out, const auto& ids) {
  PutVarint(out, ids.size());
  for (const OperationId id : ids) PutVarint(out, id.value);
}
void ReadIds(ByteReader& reader, auto& ids) {
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) ids.push_back({reader.Varint()});
}

void PutCells(Bytes& out, std::string_view cells, bool hides) {
  PutBlob(out, cells);
  if (hides) keyspace::HideCells(out.data() + out.size() - cells.size(), cells.size());
}

void SaveStart(const OperationStarted& start, Bytes& out) {
  PutVarint(out, start.id.value);
  PutBigEndian(out, start.place.value);
  PutBlob(out, start.key);
  PutVarint(out, start.replicas.size());
  for (const Replica& replica : start.replicas) {
    PutBigEndian(out, replica.node.value);
    PutBigEndian(out, replica.data_centre);
    PutBigEndian(out, replica.rack);
    PutBigEndian(out, replica.seat);
  }
  PutVarint(out, start.self);
  PutBigEndian(out, static_cast<uint8_t>(start.read));
  PutBigEndian(out, static_cast<uint8_t>(start.write));
  PutFlag(out, start.needs_read);
  PutFlag(out, start.self_counts);
  PutFlag(out, start.yields);
  PutInstant(out, start.deadline);
  PutBigEndian(out, start.speculative_delay.count());
}

absl::Status LoadStart(ByteReader& reader, OperationStarted& start) {
  start.id.value = reader.Varint();
  start.place.value = reader.BigEndian<uint64_t>();
  start.key = reader.Blob();
  const uint64_t replicas = reader.Varint();
  for (uint64_t i = 0; i < replicas && i < kReplicasMax; ++i) {
    Replica replica;
    replica.node.value = reader.BigEndian<uint64_t>();
    replica.data_centre = reader.BigEndian<uint16_t>();
    replica.rack = reader.BigEndian<uint16_t>();
    replica.seat = reader.BigEndian<uint32_t>();
    start.replicas.push_back(replica);
  }
  start.self = reader.Varint();
  const auto read = reader.BigEndian<uint8_t>();
  const auto write = reader.BigEndian<uint8_t>();
  start.needs_read = ReadFlag(reader);
  start.self_counts = ReadFlag(reader);
  start.yields = ReadFlag(reader);
  start.deadline = ReadInstant(reader);
  start.speculative_delay = Duration(reader.BigEndian<int64_t>());
  if (!reader.ok() || start.self >= start.replicas.size() || replicas > kReplicasMax ||
      read >= topology::kConsistencyLevels || write >= topology::kConsistencyLevels) {
    return DataLoss("coordinator state: an operation is malformed");
  }
  start.read = static_cast<topology::Consistency>(read);
  start.write = static_cast<topology::Consistency>(write);
  return absl::OkStatus();
}

}  // namespace

void Coordinator::SaveOperation(const Operation& operation, Bytes& out, bool hides) {
  SaveStart(operation.start, out);
  PutBigEndian(out, static_cast<uint8_t>(operation.phase));
  PutVarint(out, operation.step);
  PutVersion(out, operation.stamp);
  PutFlag(out, operation.moved);
  PutFlag(out, operation.quorum.has_value());
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    const Answer& answer = operation.answers[i];
    const bool answered = operation.quorum.has_value() && operation.quorum->Answered(i);
    PutFlag(out, answered);
    PutFlag(out, answered && operation.quorum->Succeeded(i));
    PutFlag(out, answer.known);
    PutFlag(out, answer.doubtful);
    PutFlag(out, answer.asked);
    PutFlag(out, answer.state_asked);
    PutBigEndian(out, answer.digest);
    PutFlag(out, answer.state.has_value());
    PutCells(out, answer.state.value_or(Bytes()), hides);
  }
  PutBigEndian(out, operation.local_digest);
  PutFlag(out, operation.inspected);
  PutCells(out, operation.cells, hides);
  PutVersion(out, operation.highest);
  PutFlag(out, operation.restampable);
  PutFlag(out, operation.restamped);
  PutFlag(out, operation.written);
  PutVarint(out, operation.predecessor.value);
  PutIds(out, operation.dependents);
  PutInstant(out, operation.started);
  PutInstant(out, operation.next_resend);
  PutVarint(out, static_cast<uint64_t>(operation.resends));
}

absl::Status Coordinator::LoadOperation(ByteReader& reader) {
  Operation operation;
  QUORATE_RETURN_IF_ERROR(LoadStart(reader, operation.start));
  const auto phase = reader.BigEndian<uint8_t>();
  if (phase > static_cast<uint8_t>(Phase::kWriting)) {
    return DataLoss("coordinator state: unknown phase");
  }
  operation.phase = static_cast<Phase>(phase);
  operation.step = static_cast<uint32_t>(reader.Varint());
  operation.stamp = reader.Version();
  operation.moved = ReadFlag(reader);
  if (ReadFlag(reader)) {
    const bool writes = operation.phase == Phase::kWriting;
    operation.quorum = writes ? OutcomeQuorum(operation) : ReadQuorum(operation);
    if (writes && operation.moved) operation.settling = ReadQuorum(operation);
  }
  operation.answers.resize(operation.start.replicas.size());
  for (size_t i = 0; i < operation.answers.size(); ++i) {
    Answer& answer = operation.answers[i];
    const bool answered = ReadFlag(reader);
    const bool succeeded = ReadFlag(reader);
    if (answered && operation.quorum.has_value()) Count(operation, i, succeeded);
    answer.known = ReadFlag(reader);
    answer.doubtful = ReadFlag(reader);
    answer.asked = ReadFlag(reader);
    answer.state_asked = ReadFlag(reader);
    answer.digest = reader.BigEndian<uint64_t>();
    const bool has_state = ReadFlag(reader);
    const std::string_view state = reader.Blob();
    if (has_state) answer.state = Bytes(state);
  }
  operation.local_digest = reader.BigEndian<uint64_t>();
  operation.inspected = ReadFlag(reader);
  operation.cells = reader.Blob();
  operation.highest = reader.Version();
  operation.restampable = ReadFlag(reader);
  operation.restamped = ReadFlag(reader);
  operation.written = ReadFlag(reader);
  operation.predecessor.value = reader.Varint();
  ReadIds(reader, operation.dependents);
  operation.started = ReadInstant(reader);
  operation.next_resend = ReadInstant(reader);
  operation.resends = static_cast<int>(reader.Varint());
  if (!reader.ok()) return DataLoss("coordinator state: ends inside an operation");
  const OperationId id = operation.start.id;
  const auto [at, added] = operations_.emplace(id, std::move(operation));
  if (!added) return DataLoss("coordinator state: an operation comes twice");
  Arm(at->second);
  return absl::OkStatus();
}

void Coordinator::Save(Bytes& out, bool hides) const {
  out.push_back(static_cast<char>(kStateVersion));
  PutVarint(out, operations_.size());
  for (const auto& [id, operation] : operations_) SaveOperation(operation, out, hides);
  PutVarint(out, turns_.size());
  for (const auto& [key, turn] : turns_) {
    PutBigEndian(out, key.first.value);
    PutBlob(out, key.second);
    PutVarint(out, turn.current.value);
    PutBigEndian(out, static_cast<uint8_t>(turn.read));
    PutBigEndian(out, turn.settled);
    PutIds(out, turn.followers);
    PutIds(out, turn.waiting);
  }
  for (const uint64_t count : {stats_.read_repairs, stats_.restamps, stats_.settled,
                               stats_.failures, stats_.speculative_reads, stats_.resends}) {
    PutVarint(out, count);
  }
  PutMarks(out, marks_);
}

absl::Status Coordinator::Load(std::string_view bytes) {
  operations_.clear();
  turns_.clear();
  timers_.clear();
  ByteReader reader(bytes);
  if (reader.BigEndian<uint8_t>() != kStateVersion) {
    return DataLoss("coordinator state: unknown version");
  }
  const uint64_t operations = reader.Varint();
  for (uint64_t i = 0; i < operations; ++i) QUORATE_RETURN_IF_ERROR(LoadOperation(reader));
  const uint64_t turns = reader.Varint();
  for (uint64_t i = 0; i < turns && reader.ok(); ++i) {
    const Place place{reader.BigEndian<uint64_t>()};
    Turn& turn = turns_[{place, Bytes(reader.Blob())}];
    turn.current.value = reader.Varint();
    const auto read = reader.BigEndian<uint8_t>();
    if (read >= topology::kConsistencyLevels) return DataLoss("coordinator state: unknown level");
    turn.read = static_cast<topology::Consistency>(read);
    turn.settled = reader.BigEndian<uint64_t>();
    ReadIds(reader, turn.followers);
    ReadIds(reader, turn.waiting);
    if (!operations_.contains(turn.current)) return DataLoss("coordinator state: a turn of nobody");
  }
  for (uint64_t* count : {&stats_.read_repairs, &stats_.restamps, &stats_.settled, &stats_.failures,
                          &stats_.speculative_reads, &stats_.resends}) {
    *count = reader.Varint();
  }
  marks_ = ReadMarks(reader);
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("coordinator state: malformed");
  return absl::OkStatus();
}

}  // namespace quorate::dynamo
