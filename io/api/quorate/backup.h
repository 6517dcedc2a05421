// SPDX-License-Identifier: Apache-2.0
// Backups of a stopped node.
#pragma once

#include <string>

#include "quorate/result.h"

namespace quorate {

// Writes everything that a data directory holds to a file, which must not exist.
// kFailedPrecondition where a process uses the directory.
Status Backup(const std::string& data_directory, const std::string& file);

// Fills a data directory, which must be new or empty of data, from a backup. The whole file is
// checked before anything is written. The node that starts there is the one that was backed up:
// the two must never run both. It has lived on since the backup, and nothing of those lives may
// come again: so it goes on with an incarnation from this machine's clock. That is above all
// earlier ones as long as the clock does not go back by more than a minute behind what the backup
// has seen (kFailedPrecondition), nor from one restore to the next, and the node is not started
// more often than once a second for long.
Status Restore(const std::string& data_directory, const std::string& file);

}  // namespace quorate
