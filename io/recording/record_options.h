// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "io/recording/limits.h"

namespace quorate::io {

// Whether everything that goes into a shard is recorded, and where.
struct RecordOptions {
  std::string file;                          // empty: it is not
  uint64_t bytes_max = kRecordBytesDefault;  // of each shard's recording
  bool hides = true;                         // values are left out
};

}  // namespace quorate::io
