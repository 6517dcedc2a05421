// SPDX-License-Identifier: Apache-2.0
// Commands that take what one key holds to another: RENAME, RENAMENX, COPY. The keys may live on
// different replicas, so each is a row of steps on single keys: what the first holds is read
// (DUMP), written to the second (RESTORE), and at last deleted from the first. Where one shard
// holds both keys nothing comes between the steps. Where it does not, a failure leaves the first
// key as it was, or both; and a write of another client to the first key that comes between is lost
// with it.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void StepRename(StepContext& context);
void StepRenameNx(StepContext& context);
void StepCopy(StepContext& context);

// Whether COPY may overwrite. False too where its options are wrong.
[[nodiscard]] bool CopyReplaces(Arguments args);

}  // namespace quorate::commands
