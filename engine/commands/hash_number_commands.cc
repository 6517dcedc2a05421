// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/hash_number_commands.h"

#include <algorithm>

#include "engine/commands/errors.h"
#include "engine/commands/float_text.h"
#include "engine/commands/hash_commands.h"
#include "engine/commands/number_commands.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {

using keyspace::CellKind;
using keyspace::CellWriter;
using keyspace::ObjectType;

namespace {

void WriteFieldSlot(KeyContext& context, std::string_view name, bool field_exists, int64_t delta) {
  CellWriter writer(context.mutation);
  const WriterId owner = CounterSlotOwner(context.stamp, context.planted);
  EnsureObject(context, writer, ObjectType::kHash);
  const Version held = context.object.FieldVersion(name);
  keyspace::SlotValue slot{held, delta};
  if (field_exists) {
    slot.sum = AddWrapping(context.object.FieldSlotSum(name, owner), delta);
    writer.Field(held, name, context.object.FieldRegister(name));
  } else {
    slot.base = keyspace::FirstBase(std::max(context.object.tombstone(), held));
    writer.Field(slot.base, name, "0");
  }
  const Bytes slot_name = keyspace::FieldSlotName(name, owner);
  const Bytes packed = keyspace::PackSlotValue(slot);
  writer.Put({CellKind::kFieldSlot, false, context.stamp, slot_name, packed});
}

}  // namespace

void ExecuteHIncrBy(KeyContext& context) {
  const auto delta = keyspace::ParseInteger(context.args[3]);
  if (!delta.has_value()) return context.reply.Error(errors::kNotInteger);
  if (!ExpectType(context, ObjectType::kHash)) return;
  const std::string_view name = context.args[2];
  Bytes scratch;
  const auto field = context.object.Field(name, scratch);
  const auto number =
      field.has_value() ? keyspace::ParseInteger(*field) : std::optional<int64_t>(0);
  if (!number.has_value()) return context.reply.Error("ERR hash value is not an integer");
  const auto sum = AddChecked(*number, *delta, context.reply);
  if (!sum.has_value()) return;
  if (context.sole_owner) {
    WriteField(context, name, ToDecimal(*sum));
  } else {
    WriteFieldSlot(context, name, field.has_value(), *delta);
  }
  context.reply.Integer(*sum);
}

void ExecuteHIncrByFloat(KeyContext& context) {
  const auto delta = ParseFloat(context.args[3]);
  if (!delta.has_value()) return context.reply.Error(errors::kNotFloat);
  if (!IsFinite(*delta)) return context.reply.Error("ERR value is NaN or Infinity");
  if (!ExpectType(context, ObjectType::kHash)) return;
  const std::string_view name = context.args[2];
  Bytes scratch;
  const auto field = context.object.Field(name, scratch);
  const auto number = field.has_value() ? ParseFloat(*field) : std::optional<long double>(0);
  if (!number.has_value()) return context.reply.Error("ERR hash value is not a float");
  const long double sum = *number + *delta;
  if (!IsFinite(sum)) return context.reply.Error(errors::kNanOrInfinity);
  const Bytes text = FormatFloat(sum);
  WriteField(context, name, text);
  context.reply.Bulk(text);
}

}  // namespace quorate::commands
