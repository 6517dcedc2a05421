// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/dump_commands.h"

#include "engine/commands/dump_payload.h"
#include "engine/commands/errors.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

using keyspace::CellWriter;
using keyspace::ObjectType;

constexpr size_t kFirstOption = 4;
constexpr int64_t kFrequencyMax = 255;

// IDLETIME and FREQ are checked and not kept: no key has either.
Bytes CheckUse(bool idle, std::string_view text) {
  const auto number = keyspace::ParseInteger(text);
  if (!number.has_value()) return Bytes(errors::kNotInteger);
  if (idle) return *number < 0 ? "ERR Invalid IDLETIME value, must be >= 0" : "";
  return *number < 0 || *number > kFrequencyMax ? "ERR Invalid FREQ value, must be >= 0 and <= 255"
                                                : "";
}

void WriteValue(KeyContext& context, const PayloadValue& value,
                std::optional<int64_t> deadline_ms) {
  if (value.type == ObjectType::kString) return WriteNewString(context, value.text, deadline_ms);
  CellWriter writer(context.mutation);
  if (deadline_ms.has_value() && *deadline_ms <= context.now.ms()) {
    return writer.Tombstone(context.stamp);
  }
  if (!QUORATE_PLANTED(context.planted, kRestoreKeeps)) {
    writer.Tombstone(keyspace::JustBelow(context.stamp));
  }
  writer.Type(context.stamp, value.type);
  for (const auto& [name, text] : value.fields) writer.Field(context.stamp, name, text);
  if (deadline_ms.has_value()) writer.Deadline(context.stamp, *deadline_ms);
}

}  // namespace

std::optional<RestoreOptions> ParseRestoreOptions(Arguments words, Bytes& error) {
  RestoreOptions options;
  bool idle_given = false;
  bool frequency_given = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool last = i + 1 == words.size();
    const bool idle = IsWord(words[i], "idletime") && !last && !frequency_given;
    const bool frequency = IsWord(words[i], "freq") && !last && !idle_given;
    if (IsWord(words[i], "replace")) {
      options.replace = true;
    } else if (IsWord(words[i], "absttl")) {
      options.absolute = true;
    } else if (idle || frequency) {
      error = CheckUse(idle, words[++i]);
      (idle ? idle_given : frequency_given) = true;
    } else {
      error = errors::kSyntax;
    }
    if (!error.empty()) return std::nullopt;
  }
  return options;
}

void ExecuteDump(KeyContext& context) {
  if (!context.object.exists()) return context.reply.Null();
  context.reply.Bulk(DumpPayload(context.object));
}

void ExecuteRestore(KeyContext& context) {
  Bytes error;
  const auto options = ParseRestoreOptions(context.args.subspan(kFirstOption), error);
  if (!options.has_value()) return context.reply.Error(error);
  if (!options->replace && context.object.exists()) {
    return context.reply.Error(errors::kBusyKey);
  }
  const auto ttl = keyspace::ParseInteger(context.args[2]);
  if (!ttl.has_value()) return context.reply.Error(errors::kNotInteger);
  if (*ttl < 0) return context.reply.Error("ERR Invalid TTL value, must be >= 0");
  const std::string_view payload = context.args[3];
  if (!PayloadIsWhole(payload)) {
    return context.reply.Error("ERR DUMP payload version or checksum are wrong");
  }
  const auto value = ParsePayload(payload);
  if (!value.has_value()) return context.reply.Error("ERR Bad data format");
  if (value->text.size() > context.string_bytes_max) return context.reply.Error(errors::kTooLong);
  std::optional<int64_t> deadline_ms;
  int64_t at = *ttl;
  if (!options->absolute && __builtin_add_overflow(*ttl, context.now.ms(), &at)) {
    return context.reply.Error("ERR invalid expire time in 'restore' command");
  }
  if (*ttl > 0) deadline_ms = at;
  WriteValue(context, *value, deadline_ms);
  context.reply.Simple("OK");
}

}  // namespace quorate::commands
