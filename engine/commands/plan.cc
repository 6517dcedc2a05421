// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/plan.h"

#include "engine/commands/bitfield.h"
#include "engine/commands/dump_commands.h"
#include "engine/commands/expire_commands.h"
#include "engine/commands/move_commands.h"
#include "engine/commands/set_command.h"
#include "engine/commands/set_options.h"
#include "engine/commands/string_commands.h"

namespace quorate::commands {
namespace {

constexpr size_t kFirstSetOption = 3;
constexpr size_t kFirstGetExOption = 2;
constexpr size_t kFirstExpireCondition = 3;
constexpr size_t kFirstRestoreOption = 4;

// NX promises that one of all concurrent writers wins: a lock. XX, GET and KEEPTTL depend on what
// is read, and promise nothing about others.
void RefineSet(Arguments args, Plan& plan) {
  const auto options = ParseSetOptions(args.subspan(kFirstSetOption));
  if (!options.has_value()) return;
  if (options->if_absent) {
    plan = {Class::kNeedsOneOrder, Reads::kObject, false, true};
  } else if (options->if_present || options->get || options->keep_deadline) {
    plan = {Class::kReadModifyWrite, Reads::kObject, !options->get, false};
  }
}

// Without options GETEX writes nothing. With a Unix time it may delete, and a second reply be null.
void RefineGetEx(Arguments args, Plan& plan) {
  const auto options = ParseGetExOptions(args.subspan(kFirstGetExOption));
  if (!options.has_value()) return;
  if (options->unit == ExpiryUnit::kNone && !options->persist) plan.kind = Class::kRead;
  const bool absolute =
      options->unit == ExpiryUnit::kUnixSeconds || options->unit == ExpiryUnit::kUnixMilliseconds;
  if (absolute) plan.idempotent = false;
}

// Executed again, NX finds the deadline it has set, GT and LT find nothing left to raise or lower,
// and a deadline in the past finds nothing at all. A deadline to come answers 1 again.
void RefineExpire(const Command& command, Arguments args, Plan& plan) {
  Bytes error;
  const auto conditions = ParseExpireConditions(args.subspan(kFirstExpireCondition), error);
  const auto number = keyspace::ParseInteger(args[2]);
  if (!conditions.has_value() || !number.has_value()) return;
  const bool relative = command.execute == ExecuteExpire || command.execute == ExecutePExpire;
  const bool conditional = conditions->if_none || conditions->if_later || conditions->if_earlier;
  plan.idempotent = relative && *number > 0 && !conditional;
}

// What may be overwritten needs no look at who was first. Executed again it leaves the same, but
// for a time to live, which begins anew.
void RefineRestore(Arguments args, Plan& plan) {
  Bytes error;
  const auto options = ParseRestoreOptions(args.subspan(kFirstRestoreOption), error);
  if (!options.has_value() || !options->replace) return;
  plan = {Class::kReadModifyWrite, Reads::kObject, true, false};
}

bool IsExpire(KeyHandler execute) {
  return execute == ExecuteExpire || execute == ExecutePExpire || execute == ExecuteExpireAt ||
         execute == ExecutePExpireAt;
}

}  // namespace

Plan PlanOf(const Command& command, Arguments args) {
  Plan plan{command.kind, command.reads, command.idempotent, command.kind == Class::kNeedsOneOrder};
  if (command.execute == ExecuteSet && command.split == Split::kNone &&
      args.size() > kFirstSetOption) {
    RefineSet(args, plan);
  } else if (command.execute == ExecuteGetEx) {
    RefineGetEx(args, plan);
  } else if (IsExpire(command.execute)) {
    RefineExpire(command, args, plan);
  } else if (command.execute == ExecuteRestore) {
    RefineRestore(args, plan);
  } else if (command.execute == ExecuteBitField && BitFieldOnlyReads(args)) {
    plan.kind = Class::kRead;
    plan.idempotent = true;
  } else if (command.step == StepCopy && CopyReplaces(args)) {
    plan = {Class::kReadModifyWrite, Reads::kObject, true, false};
  }
  return plan;
}

}  // namespace quorate::commands
