// SPDX-License-Identifier: Apache-2.0
// What a node measures, as values for a metrics sink. README.md lists them.
#pragma once

#include <string>

#include "io/runtime/node_runtime.h"
#include "quorate/metrics.h"

namespace quorate::api {

struct NodeFacts {
  std::string version;
  NodeId node;
  Incarnation incarnation;
  bool ready = false;
  bool healthy = true;
  uint64_t log_lines_dropped = 0;
};

[[nodiscard]] MetricsSnapshot MetricsOf(const io::RuntimeStats& stats, const NodeFacts& facts);

}  // namespace quorate::api
