// SPDX-License-Identifier: Apache-2.0
// What a simulated disk is like, what is wrong with it, and what it has done so far: three values
// that a scenario sets and an oracle reads.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "engine/base/time.h"

namespace quorate::sim {

// How long operations take. The defaults are those of a small virtual machine with an SSD
// (one 4 KiB write and sync: 90 us in place, 190 us where the file also grew).
struct DiskModel {
  Duration read = 60us;
  Duration write = 4us;
  Duration allocate = 150us;
  Duration sync_in_place = 90us;
  Duration sync_append = 190us;  // the file's size or reservation changed since its last sync
  Duration sync_directory = 190us;
  Duration change_entry = 20us;
  Duration per_mebibyte = 1000us;  // of bytes read, written or synced
  uint32_t slowdown_percent = 100;
};

// Chances per million operations of that kind, drawn by (seed, kind, file, count of operations on
// it).
struct DiskFaults {
  uint32_t read_error_ppm = 0;
  uint32_t write_error_ppm = 0;
  uint32_t sync_error_ppm = 0;
  uint64_t capacity_bytes = std::numeric_limits<uint64_t>::max();
  uint64_t syncs_to_fail = 0;  // the next ones, and no more
};

// What is wrong with a part of a file, until it is written again. It is laid over the content when
// that is read: the same each time, and gone when the damage is taken away.
enum class DamageKind : uint8_t {
  kUnreadable,  // an error
  kFlipped,     // bits of its first byte are changed
  kZeros,       // it was never written
  kElsewhere,   // the content of another part is read in its place
};
struct DiskDamage {
  std::string path;
  uint64_t offset = 0;
  uint64_t size = 0;
  DamageKind kind = DamageKind::kUnreadable;
  uint64_t other = 0;  // kElsewhere: the offset of what is read
  uint8_t mask = 1;    // kFlipped
};

// Each effect a fault had. A fault kind whose count stays zero over a suite tests nothing.
struct DiskEffects {
  uint64_t failed_reads = 0;
  uint64_t failed_writes = 0;
  uint64_t failed_syncs = 0;
  uint64_t refused_writes = 0;  // no room
  uint64_t crashes = 0;
  uint64_t kills = 0;
  uint64_t kept_sectors = 0;  // unsynced, and yet there after a crash
  uint64_t lost_sectors = 0;  // unsynced, and gone
  uint64_t torn_files = 0;    // files of which a crash kept some sectors and lost others
  uint64_t lost_sizes = 0;    // files whose length went back
  uint64_t lost_entries = 0;  // creations, removals and renames undone
  uint64_t rotten_bytes = 0;
  uint64_t damaged_reads = 0;  // that failed, or gave other bytes than were there
  friend bool operator==(const DiskEffects&, const DiskEffects&) = default;
};

}  // namespace quorate::sim
