// SPDX-License-Identifier: Apache-2.0
// Numbers in strings. Where a key has several replicas an increment writes the executing shard's
// own slot on top of the register (DESIGN 9), so concurrent increments add up; where it has one, or
// where the increment is a fraction, the register itself.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteIncr(KeyContext& context);
void ExecuteDecr(KeyContext& context);
void ExecuteIncrBy(KeyContext& context);
void ExecuteDecrBy(KeyContext& context);
void ExecuteIncrByFloat(KeyContext& context);

// Whose slot an increment goes to: the stamping writer's.
[[nodiscard]] WriterId CounterSlotOwner(const Version& stamp, PlantedBug planted);

// `number` + `delta`; nullopt, with the reply written, where that is no 64-bit integer.
[[nodiscard]] std::optional<int64_t> AddChecked(int64_t number, int64_t delta, ReplySink& reply);
// For sums of slots, each of which may wrap while the whole does not.
[[nodiscard]] int64_t AddWrapping(int64_t a, int64_t b);

}  // namespace quorate::commands
