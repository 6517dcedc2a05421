// SPDX-License-Identifier: Apache-2.0
// HSCAN and HRANDFIELD: some of the fields of a hash.
//
// Fields are ordered by name, and the cursor of HSCAN says from which name on: the length of the
// prefix that all names share, plus one, in the top 8 bits, and the 7 bytes of the next name behind
// that prefix below. A call answers with whole groups of names that are equal so far. Where the
// shared prefix has changed since the cursor was given, its bytes mean nothing any more, and the
// call answers with all fields and ends the scan: a field that is there throughout is always given,
// which is what HSCAN promises.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteHScan(KeyContext& context);
void ExecuteHRandField(KeyContext& context);

}  // namespace quorate::commands
