// SPDX-License-Identifier: Apache-2.0
// The commands that set, remove and tell the deadline of a key.
#pragma once

#include <optional>

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteExpire(KeyContext& context);
void ExecutePExpire(KeyContext& context);
void ExecuteExpireAt(KeyContext& context);
void ExecutePExpireAt(KeyContext& context);
void ExecutePersist(KeyContext& context);
void ExecuteTtl(KeyContext& context);
void ExecutePTtl(KeyContext& context);
void ExecuteExpireTime(KeyContext& context);
void ExecutePExpireTime(KeyContext& context);

// The conditions of EXPIRE and its kin.
struct ExpireConditions {
  bool if_none = false;     // NX
  bool if_some = false;     // XX
  bool if_later = false;    // GT
  bool if_earlier = false;  // LT
};
// Nothing, with the error's words in `error`, where they are unknown or exclude each other.
[[nodiscard]] std::optional<ExpireConditions> ParseExpireConditions(Arguments options,
                                                                    Bytes& error);

}  // namespace quorate::commands
