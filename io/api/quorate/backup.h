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
// the two must never run both.
Status Restore(const std::string& data_directory, const std::string& file);

}  // namespace quorate
