// SPDX-License-Identifier: Apache-2.0
// How the process takes its memory.
#pragma once

namespace quorate::sim {

// A world of many nodes is a few hundred MiB that are touched at random, so with pages of 4 KiB
// much of its time goes into finding them. Asks for large pages; where there are none, nothing
// changes but the speed. Once, before anything else.
void PrepareMemory();

}  // namespace quorate::sim
