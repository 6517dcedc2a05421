// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/string_write.h"

#include "engine/commands/errors.h"

namespace quorate::commands {

using keyspace::CellWriter;
using keyspace::ObjectType;

std::string_view StringOf(const KeyContext& context, Bytes& scratch) {
  return context.object.exists() ? context.object.String(scratch) : std::string_view();
}

void WriteNewString(KeyContext& context, std::string_view value,
                    std::optional<int64_t> deadline_ms) {
  CellWriter writer(context.mutation);
  if (deadline_ms.has_value() && *deadline_ms <= context.now.ms()) {
    // Redis deletes what was there; where nothing was, another replica may still know of something.
    writer.Tombstone(context.stamp);
    return;
  }
  if (QUORATE_PLANTED(context.planted, kSetKeepsDeadline) && !deadline_ms.has_value()) {
    deadline_ms = context.object.deadline_ms();
  }
  writer.String(context.stamp, value);
  if (deadline_ms.has_value()) writer.Deadline(context.stamp, *deadline_ms);
}

void RewriteString(KeyContext& context, std::string_view value) {
  if (!context.object.exists() || QUORATE_PLANTED(context.planted, kRewriteForGood)) {
    return WriteNewString(context, value);
  }
  CellWriter writer(context.mutation);
  if (!context.sole_owner) {
    EnsureObject(context, writer, ObjectType::kString);
    return writer.Value(context.stamp, value);
  }
  writer.String(context.stamp, value);
  if (const auto deadline = context.object.deadline_ms()) {
    writer.Deadline(context.stamp, *deadline);
  }
}

void WriteDeadline(KeyContext& context, std::optional<int64_t> deadline_ms) {
  CellWriter writer(context.mutation);
  if (deadline_ms.has_value() && *deadline_ms <= context.now.ms()) {
    return writer.Tombstone(context.stamp);
  }
  if (!deadline_ms.has_value() && context.sole_owner &&
      context.object.type() == ObjectType::kString) {
    Bytes scratch;  // without a deadline cell the object takes its smallest form again
    return writer.String(context.stamp, context.object.String(scratch));
  }
  writer.Deadline(context.stamp, deadline_ms);
}

void WriteCreation(KeyContext& context, CellWriter& writer, const Version& version,
                   ObjectType type) {
  const Version tombstone = context.object.tombstone();
  if (!tombstone.empty()) writer.Tombstone(tombstone);
  writer.Type(version, type);
  if (context.object.deadline_ms().has_value()) writer.Deadline(context.stamp, std::nullopt);
}

void EnsureObject(KeyContext& context, CellWriter& writer, ObjectType type) {
  if (!context.object.exists()) return WriteCreation(context, writer, context.stamp, type);
  if (!context.sole_owner) writer.Type(context.object.type_version(), type);
}

bool ExpectType(KeyContext& context, ObjectType type) {
  if (!context.object.exists() || context.object.type() == type) return true;
  context.reply.Error(errors::kWrongType);
  return false;
}

}  // namespace quorate::commands
