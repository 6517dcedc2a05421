// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/number_commands.h"

#include <limits>

#include "engine/commands/errors.h"
#include "engine/commands/float_text.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {

using keyspace::CellKind;
using keyspace::CellWriter;
using keyspace::ObjectType;

namespace {

void WriteSlot(KeyContext& context, int64_t delta) {
  CellWriter writer(context.mutation);
  const Bytes owner = keyspace::PackWriter(CounterSlotOwner(context.stamp, context.planted));
  keyspace::SlotValue slot{context.object.value_version(), delta};
  if (context.object.exists()) {
    slot.sum = AddWrapping(context.object.SlotSum(owner), delta);
    EnsureObject(context, writer, ObjectType::kString);
    writer.Value(slot.base, context.object.Register());
  } else {
    slot.base = keyspace::FirstBase(context.object.head_version());
    WriteCreation(context, writer, slot.base, ObjectType::kString);
    writer.Value(slot.base, "0");
  }
  const Bytes packed = keyspace::PackSlotValue(slot);
  writer.Put({CellKind::kSlot, false, context.stamp, owner, packed});
}

void Increment(KeyContext& context, int64_t delta) {
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  const auto number = context.object.exists()
                          ? keyspace::ParseInteger(context.object.String(scratch))
                          : std::optional<int64_t>(0);
  if (!number.has_value()) return context.reply.Error(errors::kNotInteger);
  const auto sum = AddChecked(*number, delta, context.reply);
  if (!sum.has_value()) return;
  if (context.sole_owner) {
    RewriteString(context, ToDecimal(*sum));
  } else {
    WriteSlot(context, delta);
  }
  context.reply.Integer(*sum);
}

}  // namespace

WriterId CounterSlotOwner(const Version& stamp, PlantedBug planted) {
  const WriterId& writer = stamp.writer;
  if (QUORATE_PLANTED(planted, kCounterSlotPerNode)) return {writer.node, {}, {}};
  if (QUORATE_PLANTED(planted, kSlotPerIncrement)) {
    return {writer.node, Incarnation{static_cast<uint32_t>(stamp.time.bits())}, writer.shard};
  }
  return writer;
}

std::optional<int64_t> AddChecked(int64_t number, int64_t delta, ReplySink& reply) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(number, delta, &sum)) return sum;
  reply.Error(errors::kOverflow);
  return std::nullopt;
}

int64_t AddWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

void ExecuteIncr(KeyContext& context) { Increment(context, 1); }
void ExecuteDecr(KeyContext& context) { Increment(context, -1); }

void ExecuteIncrBy(KeyContext& context) {
  const auto delta = keyspace::ParseInteger(context.args[2]);
  if (!delta.has_value()) return context.reply.Error(errors::kNotInteger);
  Increment(context, *delta);
}

void ExecuteDecrBy(KeyContext& context) {
  const auto delta = keyspace::ParseInteger(context.args[2]);
  if (!delta.has_value()) return context.reply.Error(errors::kNotInteger);
  if (*delta == std::numeric_limits<int64_t>::min()) {
    return context.reply.Error("ERR decrement would overflow");
  }
  Increment(context, -*delta);
}

void ExecuteIncrByFloat(KeyContext& context) {
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  const auto number = context.object.exists() ? ParseFloat(context.object.String(scratch))
                                              : std::optional<long double>(0);
  const auto delta = ParseFloat(context.args[2]);
  if (!number.has_value() || !delta.has_value()) return context.reply.Error(errors::kNotFloat);
  const long double sum = *number + *delta;
  if (!IsFinite(sum)) return context.reply.Error(errors::kNanOrInfinity);
  const Bytes text = FormatFloat(sum);
  RewriteString(context, text);
  context.reply.Bulk(text);
}

}  // namespace quorate::commands
