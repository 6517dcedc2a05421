// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/move_commands.h"

#include <optional>

#include "engine/commands/errors.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr size_t kSource = 1;
constexpr size_t kTarget = 2;
constexpr size_t kFirstCopyOption = 3;
// Of PEXPIRETIME.
constexpr int64_t kNoDeadline = -1;
constexpr int64_t kNoKey = -2;

enum class Target : uint8_t { kOverwritten, kKept };

void AskSource(StepContext& context) {
  const Bytes source(context.args[kSource]);
  context.next.push_back({"dump", source});
  context.next.push_back({"pexpiretime", source});
}

// Between the two somebody may have deleted it.
bool SourceIsThere(const StepContext& context) {
  return !IsNullTape(context.tapes[0]) && IntegerOfTape(context.tapes[1]) != kNoKey;
}

void WriteTarget(StepContext& context, Target target) {
  const int64_t deadline = IntegerOfTape(context.tapes[1]);
  std::vector<Bytes> request = {"restore", Bytes(context.args[kTarget]),
                                ToDecimal(deadline == kNoDeadline ? 0 : deadline),
                                BulkOfTape(context.tapes[0]), "absttl"};
  if (target == Target::kOverwritten) request.emplace_back("replace");
  context.next.push_back(std::move(request));
}

// True where the last step failed, which is told to the client.
bool Failed(StepContext& context) {
  for (const Bytes& tape : context.tapes) {
    if (!IsErrorTape(tape)) continue;
    PlayReply(tape, context.reply);
    return true;
  }
  return false;
}

bool FoundTarget(const StepContext& context) { return IsErrorTapeOf(context.tapes[0], "BUSYKEY"); }

// Nothing where the options are wrong, with the words for the client in `error`.
std::optional<Target> ParseCopy(Arguments args, Bytes& error) {
  Target target = Target::kKept;
  for (size_t i = kFirstCopyOption; i < args.size(); ++i) {
    if (IsWord(args[i], "replace")) {
      target = Target::kOverwritten;
    } else if (IsWord(args[i], "db") && i + 1 < args.size()) {
      const auto index = keyspace::ParseInteger(args[++i]);
      if (!index.has_value()) error = errors::kNotInteger;
      if (index.has_value() && *index != 0) error = "ERR DB index is out of range";
    } else {
      error = errors::kSyntax;
    }
    if (!error.empty()) return std::nullopt;
  }
  return target;
}

void StepRenameTo(StepContext& context, Target target) {
  const bool same = context.args[kSource] == context.args[kTarget];
  const auto done = [&context, target](bool moved) {
    if (target == Target::kKept) return context.reply.Integer(moved ? 1 : 0);
    context.reply.Simple("OK");
  };
  if (context.step == 0) return AskSource(context);
  if (context.step == 2 && target == Target::kKept && FoundTarget(context)) return done(false);
  if (Failed(context)) return;
  switch (context.step) {
    case 1:
      if (!SourceIsThere(context)) return context.reply.Error(errors::kNoSuchKey);
      if (same) return done(false);
      return WriteTarget(context, target);
    case 2:
      context.next.push_back({"del", Bytes(context.args[kSource])});
      return;
    default:
      return done(true);
  }
}

}  // namespace

void StepRename(StepContext& context) { StepRenameTo(context, Target::kOverwritten); }
void StepRenameNx(StepContext& context) { StepRenameTo(context, Target::kKept); }

bool CopyReplaces(Arguments args) {
  Bytes error;
  return ParseCopy(args, error) == Target::kOverwritten;
}

void StepCopy(StepContext& context) {
  Bytes error;
  const auto target = ParseCopy(context.args, error);
  if (!target.has_value()) return context.reply.Error(error);
  if (context.args[kSource] == context.args[kTarget]) {
    return context.reply.Error("ERR source and destination objects are the same");
  }
  if (context.step == 0) return AskSource(context);
  if (context.step == 2 && FoundTarget(context)) return context.reply.Integer(0);
  if (Failed(context)) return;
  if (context.step == 2) return context.reply.Integer(1);
  if (!SourceIsThere(context)) return context.reply.Integer(0);
  WriteTarget(context, *target);
}

}  // namespace quorate::commands
