// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/set_command.h"

#include "engine/commands/errors.h"
#include "engine/commands/set_options.h"
#include "engine/commands/string_write.h"

namespace quorate::commands {

using keyspace::ObjectType;

namespace {

constexpr size_t kFirstOption = 3;

// Writes the string that the key holds, or null.
void ReplyString(KeyContext& context) {
  if (!context.object.exists()) return context.reply.Null();
  Bytes scratch;
  context.reply.Bulk(context.object.String(scratch));
}

void SetWithOptions(KeyContext& context) {
  const auto options = ParseSetOptions(context.args.subspan(kFirstOption));
  if (!options.has_value()) return context.reply.Error(errors::kSyntax);
  std::optional<int64_t> deadline_ms;
  if (options->unit != ExpiryUnit::kNone) {
    deadline_ms = ParseExpiry(options->expiry, options->unit, context.now, "set", context.reply);
    if (!deadline_ms.has_value()) return;
  }
  if (options->get && !ExpectType(context, ObjectType::kString)) return;
  const bool exists = context.object.exists();
  const bool refused = (options->if_absent && exists) || (options->if_present && !exists);
  if (options->get) {
    ReplyString(context);
  } else if (refused) {
    context.reply.Null();
  } else {
    context.reply.Simple("OK");
  }
  if (refused) return;
  const std::string_view value = context.args[2];
  if (!options->keep_deadline) return WriteNewString(context, value, deadline_ms);
  if (context.object.type() == ObjectType::kString) return RewriteString(context, value);
  WriteNewString(context, value,
                 context.object.exists() ? context.object.deadline_ms() : deadline_ms);
}

void SetWithExpiry(KeyContext& context, ExpiryUnit unit, std::string_view command) {
  const auto deadline_ms = ParseExpiry(context.args[2], unit, context.now, command, context.reply);
  if (!deadline_ms.has_value()) return;
  WriteNewString(context, context.args[3], deadline_ms);
  context.reply.Simple("OK");
}

}  // namespace

void ExecuteSet(KeyContext& context) {
  if (context.args.size() > kFirstOption) return SetWithOptions(context);
  WriteNewString(context, context.args[2]);
  context.reply.Simple("OK");
}

void ExecuteSetNx(KeyContext& context) {
  if (context.object.exists()) return context.reply.Integer(0);
  WriteNewString(context, context.args[2]);
  context.reply.Integer(1);
}

void ExecuteSetEx(KeyContext& context) { SetWithExpiry(context, ExpiryUnit::kSeconds, "setex"); }
void ExecutePSetEx(KeyContext& context) {
  SetWithExpiry(context, ExpiryUnit::kMilliseconds, "psetex");
}

void ExecuteGetSet(KeyContext& context) {
  if (!ExpectType(context, ObjectType::kString)) return;
  ReplyString(context);
  WriteNewString(context, context.args[2]);
}

// Writes even where the key exists by now: it may have been named twice, and the last one counts.
void ExecuteMSetNx(KeyContext& context) {
  WriteNewString(context, context.args[2]);
  context.reply.Integer(1);
}

}  // namespace quorate::commands
