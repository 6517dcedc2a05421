// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/string_commands.h"

#include <algorithm>

#include "engine/commands/errors.h"
#include "engine/commands/set_options.h"
#include "engine/commands/string_write.h"

namespace quorate::commands {

using keyspace::CellWriter;
using keyspace::ObjectType;

namespace {

bool FitsInString(KeyContext& context, size_t bytes) {
  if (bytes <= context.string_bytes_max) return true;
  context.reply.Error(errors::kTooLong);
  return false;
}

// Positions from the end are negative; what lies outside is cut off.
std::string_view Slice(std::string_view text, int64_t first, int64_t last) {
  const auto size = static_cast<int64_t>(text.size());
  if (first < 0 && last < 0 && first > last) return {};
  if (first < 0) first = std::max<int64_t>(first + size, 0);
  if (last < 0) last = std::max<int64_t>(last + size, 0);
  last = std::min(last, size - 1);
  if (first > last || size == 0) return {};
  return text.substr(static_cast<size_t>(first), static_cast<size_t>(last - first + 1));
}

}  // namespace

void ExecuteGet(KeyContext& context) {
  if (!context.object.exists()) return context.reply.Null();
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  context.reply.Bulk(context.object.String(scratch));
}

void ExecuteMGet(KeyContext& context) {
  if (context.object.type() != ObjectType::kString) return context.reply.Null();
  ExecuteGet(context);
}

void ExecuteGetDel(KeyContext& context) {
  if (!ExpectType(context, ObjectType::kString)) return;
  const bool exists = context.object.exists();
  ExecuteGet(context);
  if (exists) CellWriter(context.mutation).Tombstone(context.stamp);
}

void ExecuteGetEx(KeyContext& context) {
  const auto options = ParseGetExOptions(context.args.subspan(2));
  if (!options.has_value()) return context.reply.Error(errors::kSyntax);
  if (!context.object.exists()) return context.reply.Null();
  if (!ExpectType(context, ObjectType::kString)) return;
  std::optional<int64_t> deadline_ms;
  if (options->unit != ExpiryUnit::kNone) {
    deadline_ms = ParseExpiry(options->expiry, options->unit, context.now, "getex", context.reply);
    if (!deadline_ms.has_value()) return;
  }
  ExecuteGet(context);
  const bool removes = options->persist && context.object.deadline_ms().has_value();
  if (deadline_ms.has_value() || removes) WriteDeadline(context, deadline_ms);
}

void ExecuteStrLen(KeyContext& context) {
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  context.reply.Integer(static_cast<int64_t>(StringOf(context, scratch).size()));
}

void ExecuteGetRange(KeyContext& context) {
  const auto first = keyspace::ParseInteger(context.args[2]);
  const auto last = keyspace::ParseInteger(context.args[3]);
  if (!first.has_value() || !last.has_value()) return context.reply.Error(errors::kNotInteger);
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  context.reply.Bulk(Slice(StringOf(context, scratch), *first, *last));
}

void ExecuteAppend(KeyContext& context) {
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  Bytes value(StringOf(context, scratch));
  if (!FitsInString(context, value.size() + context.args[2].size())) return;
  value.append(context.args[2]);
  RewriteString(context, value);
  context.reply.Integer(static_cast<int64_t>(value.size()));
}

void ExecuteSetRange(KeyContext& context) {
  const auto offset = keyspace::ParseInteger(context.args[2]);
  if (!offset.has_value()) return context.reply.Error(errors::kNotInteger);
  if (*offset < 0) return context.reply.Error("ERR offset is out of range");
  if (!ExpectType(context, ObjectType::kString)) return;
  const std::string_view patch = context.args[3];
  Bytes scratch;
  const std::string_view held = StringOf(context, scratch);
  if (patch.empty()) return context.reply.Integer(static_cast<int64_t>(held.size()));
  const auto begin = static_cast<size_t>(*offset);
  if (begin > context.string_bytes_max) return context.reply.Error(errors::kTooLong);
  if (!FitsInString(context, begin + patch.size())) return;
  Bytes value(held);
  if (value.size() < begin + patch.size()) value.resize(begin + patch.size(), '\0');
  std::copy(patch.begin(), patch.end(), value.begin() + *offset);
  RewriteString(context, value);
  context.reply.Integer(static_cast<int64_t>(value.size()));
}

}  // namespace quorate::commands
