// SPDX-License-Identifier: Apache-2.0
// Any bytes are a configuration or a list of problems with places, and a configuration without
// problems makes a topology.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "io/config/read_config.h"
#include "io/config/topology_of.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const quorate::io::ConfigResult result = quorate::io::ReadConfigText(text, "fuzz");
  for (const quorate::io::Problem& problem : result.problems) {
    QUORATE_CHECK(!problem.reason.empty());
  }
  if (!result.problems.empty() || !result.config.seeds_file.empty()) return 0;
  QUORATE_CHECK(!result.config.pools.empty());
  const quorate::io::SeatConfig* own = quorate::io::OwnSeat(result.config);
  const quorate::NodeId self =
      own != nullptr ? quorate::io::NodeIdOf(result.config, *own) : quorate::NodeId{1};
  QUORATE_CHECK(quorate::io::TopologyOf(result.config, self).ok());
  return 0;
}
