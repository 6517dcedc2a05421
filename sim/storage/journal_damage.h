// SPDX-License-Identifier: Apache-2.0
// Where the disk of the embedded backend may be damaged so that the engine is able to notice. A
// journal knows of a record that it was durable where a later record or segment says so; damage to
// the records behind these looks like the torn tail of a crash, is cut, and takes acknowledged
// writes with it. No format can tell the two apart, so no oracle could demand it: the damage keeps
// to what is vouched for, and there it must be found.
#pragma once

#include <vector>

#include "adapters/storage/journaled_backend.h"
#include "sim/disk/sim_disk.h"
#include "sim/storage/storage_device.h"

namespace quorate::sim {

// Some places, as the draw wants it; none where nothing is vouched for yet.
[[nodiscard]] std::vector<DiskDamage> DamageJournal(const SimDisk& disk,
                                                    const storage::JournaledOptions& options,
                                                    const StorageFaults::Damage& damage);

}  // namespace quorate::sim
