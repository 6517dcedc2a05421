// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/shard_build.h"

namespace quorate::recording {

std::string_view ShardBuild() {
  return
#include "shard_build_id.inc"
      ;
}

}  // namespace quorate::recording
