// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/object_commands.h"

#include "engine/commands/errors.h"
#include "engine/commands/help.h"
#include "engine/commands/text.h"

namespace quorate::commands {

using keyspace::ObjectType;

namespace {

// Redis's bounds between its forms, at their defaults.
constexpr size_t kEmbeddedStringMax = 44;
constexpr size_t kListpackFieldsMax = 512;
constexpr size_t kListpackValueMax = 64;

std::string_view StringEncoding(const keyspace::ObjectView& object) {
  Bytes scratch;
  const std::string_view value = object.String(scratch);
  if (keyspace::ParseInteger(value).has_value()) return "int";
  return value.size() <= kEmbeddedStringMax ? "embstr" : "raw";
}

std::string_view HashEncoding(const keyspace::ObjectView& object) {
  bool small = object.fields() <= kListpackFieldsMax;
  if (small) {
    object.ForEachField([&small](std::string_view name, std::string_view value) {
      return small = name.size() <= kListpackValueMax && value.size() <= kListpackValueMax;
    });
  }
  return small ? "listpack" : "hashtable";
}

// False, with a null reply, where the key does not exist.
bool ExpectObject(KeyContext& context) {
  if (context.object.exists()) return true;
  context.reply.Null();
  return false;
}

}  // namespace

void ExecuteObjectEncoding(KeyContext& context) {
  if (!ExpectObject(context)) return;
  const bool hash = context.object.type() == ObjectType::kHash;
  context.reply.Bulk(hash ? HashEncoding(context.object) : StringEncoding(context.object));
}

void ExecuteObjectRefCount(KeyContext& context) {
  if (ExpectObject(context)) context.reply.Integer(1);
}

// One bit is kept, for eviction; a key that is asked about counts as used just now.
void ExecuteObjectIdleTime(KeyContext& context) {
  if (ExpectObject(context)) context.reply.Integer(0);
}

void ExecuteObjectFreq(KeyContext& context) {
  if (!ExpectObject(context)) return;
  context.reply.Error(
      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that "
      "when switching between policies at runtime LRU and LFU data will take some time to adjust.");
}

void HandleObjectHelp(ConnectionContext& context) { ReplyHelp("object", context.reply); }

void ExecuteMemoryUsage(KeyContext& context) {
  const Arguments options = context.args.subspan(3);
  for (size_t i = 0; i < options.size(); i += 2) {
    if (!IsWord(options[i], "samples") || i + 1 == options.size()) {
      return context.reply.Error(errors::kSyntax);
    }
    const auto samples = keyspace::ParseInteger(options[i + 1]);
    if (!samples.has_value()) return context.reply.Error(errors::kNotInteger);
    if (*samples < 0) return context.reply.Error(errors::kSyntax);
  }
  if (!ExpectObject(context)) return;
  context.reply.Integer(static_cast<int64_t>(context.object.bytes()));
}

void HandleMemoryHelp(ConnectionContext& context) { ReplyHelp("memory", context.reply); }

}  // namespace quorate::commands
