// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/expire_commands.h"

#include "engine/commands/errors.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kNoKey = -2;
constexpr int64_t kNoDeadline = -1;
constexpr size_t kFirstCondition = 3;

struct ExpireForm {
  std::string_view command;
  bool seconds;
  bool relative;
};

// The deadline that the number means; times in the past are allowed, an overflow is not.
std::optional<int64_t> DeadlineFrom(int64_t number, const ExpireForm& form, HybridTime now) {
  int64_t ms = number;
  if (form.seconds && __builtin_mul_overflow(number, kMsPerSecond, &ms)) return std::nullopt;
  if (form.relative && __builtin_add_overflow(ms, now.ms(), &ms)) return std::nullopt;
  return ms;
}

bool Allowed(const ExpireConditions& conditions, std::optional<int64_t> held, int64_t deadline) {
  if (conditions.if_none && held.has_value()) return false;
  if (conditions.if_some && !held.has_value()) return false;
  // No deadline counts as one in all eternity.
  if (conditions.if_later && (!held.has_value() || deadline <= *held)) return false;
  return !conditions.if_earlier || !held.has_value() || deadline < *held;
}

void Expire(KeyContext& context, const ExpireForm& form) {
  Bytes error;
  const auto conditions = ParseExpireConditions(context.args.subspan(kFirstCondition), error);
  if (!conditions.has_value()) return context.reply.Error(error);
  const auto number = keyspace::ParseInteger(context.args[2]);
  if (!number.has_value()) return context.reply.Error(errors::kNotInteger);
  const auto deadline = DeadlineFrom(*number, form, context.now);
  if (!deadline.has_value()) {
    return context.reply.Error(Concat({"ERR invalid expire time in '", form.command, "' command"}));
  }
  const bool applies =
      context.object.exists() && Allowed(*conditions, context.object.deadline_ms(), *deadline);
  if (applies) WriteDeadline(context, *deadline);
  context.reply.Integer(applies ? 1 : 0);
}

int64_t RoundToSeconds(int64_t ms) { return (ms + kMsPerSecond / 2) / kMsPerSecond; }

// The deadline, or what Redis says in its place.
std::optional<int64_t> DeadlineOrReply(KeyContext& context) {
  if (!context.object.exists()) {
    context.reply.Integer(kNoKey);
    return std::nullopt;
  }
  const auto deadline = context.object.deadline_ms();
  if (!deadline.has_value()) context.reply.Integer(kNoDeadline);
  return deadline;
}

}  // namespace

std::optional<ExpireConditions> ParseExpireConditions(Arguments options, Bytes& error) {
  ExpireConditions parsed;
  for (const std::string_view option : options) {
    if (IsWord(option, "nx")) {
      parsed.if_none = true;
    } else if (IsWord(option, "xx")) {
      parsed.if_some = true;
    } else if (IsWord(option, "gt")) {
      parsed.if_later = true;
    } else if (IsWord(option, "lt")) {
      parsed.if_earlier = true;
    } else {
      error = Concat({"ERR Unsupported option ", option});
      return std::nullopt;
    }
  }
  if (parsed.if_none && (parsed.if_some || parsed.if_later || parsed.if_earlier)) {
    error = "ERR NX and XX, GT or LT options at the same time are not compatible";
    return std::nullopt;
  }
  if (parsed.if_later && parsed.if_earlier) {
    error = "ERR GT and LT options at the same time are not compatible";
    return std::nullopt;
  }
  return parsed;
}

void ExecuteExpire(KeyContext& context) { Expire(context, {"expire", true, true}); }
void ExecutePExpire(KeyContext& context) { Expire(context, {"pexpire", false, true}); }
void ExecuteExpireAt(KeyContext& context) { Expire(context, {"expireat", true, false}); }
void ExecutePExpireAt(KeyContext& context) { Expire(context, {"pexpireat", false, false}); }

void ExecutePersist(KeyContext& context) {
  const bool applies = context.object.exists() && context.object.deadline_ms().has_value();
  if (applies) WriteDeadline(context, std::nullopt);
  context.reply.Integer(applies ? 1 : 0);
}

void ExecuteTtl(KeyContext& context) {
  if (const auto deadline = DeadlineOrReply(context)) {
    context.reply.Integer(RoundToSeconds(*deadline - context.now.ms()));
  }
}
void ExecutePTtl(KeyContext& context) {
  if (const auto deadline = DeadlineOrReply(context)) {
    context.reply.Integer(*deadline - context.now.ms());
  }
}
void ExecuteExpireTime(KeyContext& context) {
  if (const auto deadline = DeadlineOrReply(context)) {
    context.reply.Integer(RoundToSeconds(*deadline));
  }
}
void ExecutePExpireTime(KeyContext& context) {
  if (const auto deadline = DeadlineOrReply(context)) context.reply.Integer(*deadline);
}

}  // namespace quorate::commands
