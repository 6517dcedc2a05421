// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "engine/hash/little_endian.h"
#include "sim/core/limits.h"
#include "trace_generated.h"

namespace quorate::sim {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
template <typename T>
using Vector = flatbuffers::Vector<T>;

constexpr std::string_view kMagic = "QTRC";
// What a trace takes besides its blocks of events, mostly.
constexpr size_t kTraceBytesUsual = size_t{64} << 10;

template <typename Integer>
void PutLittle(Bytes& out, Integer value) {
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  }
}

// --- encoding: each offset is made in a statement of its own, so that every compiler lays the
// bytes
// --- out alike

Offset<Vector<uint8_t>> Pack(FlatBufferBuilder& builder, std::string_view bytes) {
  return builder.CreateVector(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

Offset<fbs::RecordedOperation> Pack(FlatBufferBuilder& builder,
                                    const RecordedOperation& operation) {
  std::vector<Offset<fbs::Argument>> arguments;
  for (const Bytes& argument : operation.command) {
    const auto bytes = Pack(builder, std::string_view(argument));
    arguments.push_back(fbs::CreateArgument(builder, bytes));
  }
  const auto command = builder.CreateVector(arguments);
  return fbs::CreateRecordedOperation(builder, operation.client, operation.node.value,
                                      operation.time.us, static_cast<uint8_t>(operation.read),
                                      static_cast<uint8_t>(operation.write), command,
                                      operation.pool.value);
}

Offset<fbs::Recipe> Pack(FlatBufferBuilder& builder, const RunRecipe& recipe) {
  const auto scenario = builder.CreateString(recipe.scenario);
  const auto planted = builder.CreateString(recipe.planted);
  std::vector<Offset<fbs::Setting>> settings;
  for (const auto& [name, value] : recipe.settings) {
    const auto name_offset = builder.CreateString(name);
    const auto value_offset = builder.CreateString(value);
    settings.push_back(fbs::CreateSetting(builder, name_offset, value_offset));
  }
  const auto setting_list = builder.CreateVector(settings);
  const auto schedule = Pack(builder, std::string_view(recipe.schedule));
  std::vector<Offset<fbs::RecordedOperation>> operations;
  operations.reserve(recipe.operations.size());
  for (const RecordedOperation& operation : recipe.operations) {
    operations.push_back(Pack(builder, operation));
  }
  const auto operation_list = builder.CreateVector(operations);
  std::vector<Offset<fbs::DrawEpoch>> epochs;
  epochs.reserve(recipe.epochs.size());
  for (const DrawEpoch& epoch : recipe.epochs) {
    epochs.push_back(fbs::CreateDrawEpoch(builder, epoch.from.us, epoch.salt,
                                          static_cast<uint8_t>(epoch.scope)));
  }
  // None leave no trace: such a file is as it was when there were no epochs.
  Offset<Vector<Offset<fbs::DrawEpoch>>> epoch_list;
  if (!epochs.empty()) epoch_list = builder.CreateVector(epochs);
  return fbs::CreateRecipe(builder, scenario, recipe.seed, recipe.nodes, recipe.duration.us,
                           planted, setting_list, schedule, operation_list, epoch_list);
}

Offset<Vector<Offset<fbs::Block>>> Pack(FlatBufferBuilder& builder,
                                        const std::vector<EventBlock>& blocks) {
  std::vector<Offset<fbs::Block>> offsets;
  offsets.reserve(blocks.size());
  for (const EventBlock& block : blocks) {
    const auto bytes = Pack(builder, std::string_view(block.bytes));
    offsets.push_back(fbs::CreateBlock(builder, block.first.value, block.events,
                                       hash::Crc32c(block.bytes), bytes));
  }
  return builder.CreateVector(offsets);
}

Offset<fbs::Verdict> Pack(FlatBufferBuilder& builder, const std::optional<Failure>& failure) {
  if (!failure.has_value()) return fbs::CreateVerdict(builder);
  const auto oracle = builder.CreateString(failure->oracle);
  const auto promised = builder.CreateString(failure->promised);
  const auto seen = builder.CreateString(failure->seen);
  return fbs::CreateVerdict(builder, true, static_cast<uint8_t>(failure->kind), oracle, promised,
                            seen, failure->event.value);
}

Offset<Vector<Offset<fbs::RequiredEffect>>> Pack(FlatBufferBuilder& builder,
                                                 const std::vector<RequiredEffect>& effects) {
  std::vector<Offset<fbs::RequiredEffect>> offsets;
  offsets.reserve(effects.size());
  for (const RequiredEffect& effect : effects) {
    offsets.push_back(
        fbs::CreateRequiredEffect(builder, static_cast<uint8_t>(effect.kind), effect.at_least));
  }
  return builder.CreateVector(offsets);
}

// --- decoding: the buffer is verified before any of this

std::string Text(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : text->str();
}
Bytes Blob(const Vector<uint8_t>* bytes) {
  if (bytes == nullptr) return {};
  return Bytes(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

bool Unpack(const fbs::RecordedOperation& table, RecordedOperation& operation) {
  if (table.read() >= topology::kConsistencyLevels ||
      table.write() >= topology::kConsistencyLevels) {
    return false;
  }
  operation.client = table.client();
  operation.node = {table.node()};
  operation.time = {table.time_us()};
  operation.pool = {table.pool()};
  operation.read = static_cast<topology::Consistency>(table.read());
  operation.write = static_cast<topology::Consistency>(table.write());
  if (table.command() == nullptr || table.command()->size() == 0) return false;
  for (const fbs::Argument* argument : *table.command()) {
    operation.command.push_back(Blob(argument->bytes()));
  }
  return true;
}

absl::Status Unpack(const Vector<Offset<fbs::DrawEpoch>>* tables, std::vector<DrawEpoch>& epochs) {
  if (tables == nullptr) return absl::OkStatus();
  if (tables->size() > kEpochsMax) return DataLoss("too many epochs");
  for (const fbs::DrawEpoch* table : *tables) {
    const SimTime from{table->from_us()};
    if (table->scope() >= kEpochScopes) return DataLoss("an epoch of an unknown scope");
    if (!epochs.empty() && from < epochs.back().from) return DataLoss("epochs out of order");
    epochs.push_back({from, table->salt(), static_cast<EpochScope>(table->scope())});
  }
  return absl::OkStatus();
}

absl::Status Unpack(const fbs::Recipe& table, RunRecipe& recipe) {
  recipe.scenario = Text(table.scenario());
  recipe.seed = table.seed();
  recipe.nodes = table.nodes();
  recipe.duration = {table.duration_us()};
  recipe.planted = Text(table.planted());
  recipe.schedule = Blob(table.schedule());
  if (table.settings() != nullptr) {
    for (const fbs::Setting* setting : *table.settings()) {
      recipe.settings.emplace_back(Text(setting->name()), Text(setting->value()));
    }
  }
  QUORATE_RETURN_IF_ERROR(Unpack(table.epochs(), recipe.epochs));
  if (table.operations() == nullptr) return absl::OkStatus();
  if (table.operations()->size() > kOperationsMax) return DataLoss("too many operations");
  for (const fbs::RecordedOperation* entry : *table.operations()) {
    RecordedOperation operation;
    if (!Unpack(*entry, operation)) return DataLoss("an operation makes no sense");
    recipe.operations.push_back(std::move(operation));
  }
  return absl::OkStatus();
}

absl::Status Unpack(const Vector<Offset<fbs::Block>>* tables, Trace& trace) {
  if (tables == nullptr) return absl::OkStatus();
  uint64_t next = 0;
  for (const fbs::Block* table : *tables) {
    EventBlock block{{table->first_event()}, table->events(), Blob(table->bytes())};
    if (hash::Crc32c(block.bytes) != table->crc()) {
      return DataLoss(Format("damaged in the block of event %u", table->first_event()));
    }
    if (next != 0 && block.first.value != next) return DataLoss("a gap between blocks of events");
    QUORATE_RETURN_IF_ERROR(ForEachEvent(block, [](const TraceEvent&) { return true; }));
    next = block.first.value + block.events;
    trace.blocks.push_back(std::move(block));
  }
  if (next > trace.ladder.events + 1) return DataLoss("more events than the run had");
  return absl::OkStatus();
}

absl::Status UnpackLadder(const fbs::Trace& table, Ladder& ladder) {
  constexpr int kShiftMax = 40;
  ladder.shift = table.ladder_shift();
  ladder.events = table.events();
  ladder.end = table.ladder_end();
  const Bytes rungs = Blob(table.rungs());
  if (ladder.shift > kShiftMax || rungs.size() % sizeof(uint64_t) != 0 ||
      rungs.size() / sizeof(uint64_t) != ladder.events >> ladder.shift) {
    return DataLoss("a ladder that does not fit its run");
  }
  for (size_t at = 0; at < rungs.size(); at += sizeof(uint64_t)) {
    ladder.rungs.push_back(hash::LoadLittle<uint64_t>(rungs.data() + at));
  }
  return absl::OkStatus();
}

absl::Status Unpack(const fbs::Verdict* table, std::optional<Failure>& failure) {
  if (table == nullptr || !table->failed()) return absl::OkStatus();
  if (table->kind() >= kFailureKinds) return DataLoss("an unknown kind of failure");
  failure = Failure{static_cast<FailureKind>(table->kind()), Text(table->oracle()),
                    Text(table->promised()), Text(table->seen()), EventId{table->event()}};
  return absl::OkStatus();
}

absl::Status Unpack(const Vector<Offset<fbs::RequiredEffect>>* tables,
                    std::vector<RequiredEffect>& effects) {
  if (tables == nullptr) return absl::OkStatus();
  for (const fbs::RequiredEffect* table : *tables) {
    if (table->kind() >= kFaultKinds) return DataLoss("an unknown kind of fault");
    effects.push_back({static_cast<FaultKind>(table->kind()), table->at_least()});
  }
  return absl::OkStatus();
}

absl::StatusOr<Trace> Unpack(const fbs::Trace& table) {
  Trace trace;
  if (table.kind() > static_cast<uint8_t>(TraceKind::kRegression)) {
    return DataLoss("an unknown kind of trace");
  }
  trace.kind = static_cast<TraceKind>(table.kind());
  trace.build_id = Text(table.build_id());
  trace.compiler = Text(table.compiler());
  trace.why = Text(table.why());
  trace.run_hash = table.run_hash();
  if (table.recipe() == nullptr) return DataLoss("a trace without a recipe");
  QUORATE_RETURN_IF_ERROR(Unpack(*table.recipe(), trace.recipe));
  QUORATE_RETURN_IF_ERROR(UnpackLadder(table, trace.ladder));
  QUORATE_RETURN_IF_ERROR(Unpack(table.blocks(), trace));
  QUORATE_RETURN_IF_ERROR(Unpack(table.verdict(), trace.failure));
  QUORATE_RETURN_IF_ERROR(Unpack(table.effects(), trace.effects));
  return trace;
}

// The FlatBuffer in a whole file.
absl::StatusOr<std::string_view> BufferOf(std::string_view bytes) {
  const std::string_view magic = bytes.substr(0, kMagic.size());
  if (magic != kMagic.substr(0, magic.size())) return InvalidArgument("foreign: not a trace");
  if (bytes.size() < kTracePrefixBytes) return OutOfRange("truncated: shorter than a prefix");
  const auto version = hash::LoadLittle<uint32_t>(bytes.data() + 4);
  if (version == 0) return InvalidArgument("foreign: no schema version");
  if (version > kTraceSchemaVersion) {
    return FailedPrecondition(
        Format("newer: schema version %u, this release knows %u", version, kTraceSchemaVersion));
  }
  const auto length = hash::LoadLittle<uint64_t>(bytes.data() + 8);
  if (length > kTraceBytesMax) return ResourceExhausted("longer than a trace may be");
  const std::string_view buffer = bytes.substr(kTracePrefixBytes);
  if (buffer.size() < length) {
    return OutOfRange(Format("truncated: %u of %u bytes", buffer.size(), length));
  }
  if (buffer.size() > length) return DataLoss("damaged: bytes after the end");
  if (hash::LoadLittle<uint32_t>(bytes.data() + 20) != 0) {
    return DataLoss("damaged: the prefix is not zero where it must be");
  }
  if (hash::Crc32c(buffer) != hash::LoadLittle<uint32_t>(bytes.data() + 16)) {
    return DataLoss("damaged: the checksum fails");
  }
  return buffer;
}

}  // namespace

Bytes EncodeTrace(const Trace& trace) {
  size_t usual = kTraceBytesUsual;
  for (const EventBlock& block : trace.blocks) usual += block.bytes.size();
  FlatBufferBuilder builder(usual);  // which doubles, and copies, where that is not enough
  const auto build_id = builder.CreateString(trace.build_id);
  const auto compiler = builder.CreateString(trace.compiler);
  const auto why = builder.CreateString(trace.why);
  const auto recipe = Pack(builder, trace.recipe);
  const auto blocks = Pack(builder, trace.blocks);
  Bytes rung_bytes;
  for (const uint64_t rung : trace.ladder.rungs) PutLittle(rung_bytes, rung);
  const auto rungs = Pack(builder, std::string_view(rung_bytes));
  const auto verdict = Pack(builder, trace.failure);
  const auto effects = Pack(builder, trace.effects);
  const auto root =
      fbs::CreateTrace(builder, static_cast<uint8_t>(trace.kind), build_id, compiler, why, recipe,
                       blocks, static_cast<uint8_t>(trace.ladder.shift), rungs, trace.ladder.end,
                       trace.ladder.events, trace.run_hash, verdict, effects);
  builder.Finish(root);
  const std::string_view buffer(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                                builder.GetSize());
  QUORATE_CHECK(buffer.size() <= kTraceBytesMax);
  Bytes out;
  out.reserve(kTracePrefixBytes + buffer.size());
  out += kMagic;
  PutLittle<uint32_t>(out, trace.recipe.epochs.empty() ? 1 : kTraceSchemaVersion);
  PutLittle<uint64_t>(out, buffer.size());
  PutLittle<uint32_t>(out, hash::Crc32c(buffer));
  PutLittle<uint32_t>(out, 0);
  out.append(buffer);
  return out;
}

absl::StatusOr<Trace> DecodeTrace(std::string_view bytes) {
  QUORATE_ASSIGN_OR_RETURN(const std::string_view buffer, BufferOf(bytes));
  // The verifier and the accessors want the buffer aligned to 8 bytes; callers have it anywhere.
  std::vector<uint64_t> aligned((buffer.size() + 7) / 8);
  if (!buffer.empty()) std::memcpy(aligned.data(), buffer.data(), buffer.size());
  const auto* start = reinterpret_cast<const uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(start, buffer.size(), kVerifierDepth, kVerifierTables);
  if (buffer.size() < sizeof(flatbuffers::uoffset_t) || !fbs::VerifyTraceBuffer(verifier)) {
    return DataLoss("damaged: the content is malformed");
  }
  return Unpack(*fbs::GetTrace(start));
}

void ForEachEvent(const Trace& trace, const std::function<bool(const TraceEvent&)>& visit) {
  bool more = true;
  for (const EventBlock& block : trace.blocks) {
    const absl::Status status = ForEachEvent(block, [&](const TraceEvent& event) {
      more = visit(event);
      return more;
    });
    QUORATE_CHECK(status.ok());
    if (!more) return;
  }
}

}  // namespace quorate::sim
