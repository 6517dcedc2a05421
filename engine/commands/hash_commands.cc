// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/hash_commands.h"

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/commands/errors.h"
#include "engine/commands/string_write.h"

namespace quorate::commands {

using keyspace::CellKind;
using keyspace::CellWriter;
using keyspace::ObjectType;

namespace {

constexpr size_t kFirstField = 2;

bool ExpectHash(KeyContext& context) { return ExpectType(context, ObjectType::kHash); }

// Writes the pairs of HSET; nullopt, with the reply written, where that is an error. Of a field
// that is named twice the last value counts: both would have one version, and the greater bytes
// would win.
std::optional<int64_t> SetPairs(KeyContext& context, std::string_view command) {
  const Arguments pairs = context.args.subspan(kFirstField);
  if (pairs.size() % 2 != 0) {
    context.reply.Error(WrongArityError({.name = command}));
    return std::nullopt;
  }
  if (!ExpectHash(context)) return std::nullopt;
  absl::btree_map<std::string_view, std::string_view> values;
  for (size_t i = 0; i < pairs.size(); i += 2) values[pairs[i]] = pairs[i + 1];
  CellWriter writer(context.mutation);
  EnsureObject(context, writer, ObjectType::kHash);
  int64_t added = 0;
  Bytes scratch;
  for (const auto& [name, value] : values) {
    if (!context.object.Field(name, scratch).has_value()) ++added;
    writer.Field(context.stamp, name, value);
  }
  return added;
}

void ReplyField(KeyContext& context, std::string_view name) {
  Bytes scratch;
  const auto value = context.object.Field(name, scratch);
  if (!value.has_value()) return context.reply.Null();
  context.reply.Bulk(*value);
}

}  // namespace

void WriteField(KeyContext& context, std::string_view name, std::string_view value) {
  CellWriter writer(context.mutation);
  EnsureObject(context, writer, ObjectType::kHash);
  writer.Field(context.stamp, name, value);
}

void ExecuteHSet(KeyContext& context) {
  const auto added = SetPairs(context, "hset");
  if (added.has_value()) context.reply.Integer(*added);
}

void ExecuteHMSet(KeyContext& context) {
  if (SetPairs(context, "hmset").has_value()) context.reply.Simple("OK");
}

void ExecuteHSetNx(KeyContext& context) {
  if (!ExpectHash(context)) return;
  Bytes scratch;
  if (context.object.Field(context.args[2], scratch).has_value()) return context.reply.Integer(0);
  WriteField(context, context.args[2], context.args[3]);
  context.reply.Integer(1);
}

void ExecuteHGet(KeyContext& context) {
  if (!ExpectHash(context)) return;
  ReplyField(context, context.args[2]);
}

void ExecuteHMGet(KeyContext& context) {
  if (!ExpectHash(context)) return;
  const Arguments names = context.args.subspan(kFirstField);
  context.reply.Array(names.size());
  for (const std::string_view name : names) ReplyField(context, name);
}

void ExecuteHGetAll(KeyContext& context) {
  if (!ExpectHash(context)) return;
  context.reply.Map(context.object.fields());
  context.object.ForEachField([&](std::string_view name, std::string_view value) {
    context.reply.Bulk(name);
    context.reply.Bulk(value);
    return true;
  });
}

void ExecuteHKeys(KeyContext& context) {
  if (!ExpectHash(context)) return;
  context.reply.Array(context.object.fields());
  context.object.ForEachField([&](std::string_view name, std::string_view) {
    context.reply.Bulk(name);
    return true;
  });
}

void ExecuteHVals(KeyContext& context) {
  if (!ExpectHash(context)) return;
  context.reply.Array(context.object.fields());
  context.object.ForEachField([&](std::string_view, std::string_view value) {
    context.reply.Bulk(value);
    return true;
  });
}

void ExecuteHDel(KeyContext& context) {
  if (!ExpectHash(context)) return;
  const Arguments given = context.args.subspan(kFirstField);
  const absl::btree_set<std::string_view> names(given.begin(), given.end());
  CellWriter writer(context.mutation);
  int64_t removed = 0;
  Bytes scratch;
  for (const std::string_view name : names) {
    if (!context.object.Field(name, scratch).has_value()) continue;
    writer.Kill(CellKind::kField, name, context.object.FieldVersion(name));
    ++removed;
  }
  context.reply.Integer(removed);
}

void ExecuteHExists(KeyContext& context) {
  if (!ExpectHash(context)) return;
  Bytes scratch;
  context.reply.Integer(context.object.Field(context.args[2], scratch).has_value() ? 1 : 0);
}

void ExecuteHLen(KeyContext& context) {
  if (!ExpectHash(context)) return;
  context.reply.Integer(static_cast<int64_t>(context.object.fields()));
}

void ExecuteHStrLen(KeyContext& context) {
  if (!ExpectHash(context)) return;
  Bytes scratch;
  const auto value = context.object.Field(context.args[2], scratch);
  context.reply.Integer(value.has_value() ? static_cast<int64_t>(value->size()) : 0);
}

}  // namespace quorate::commands
