// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace quorate::keyspace {

// How far one step of a snapshot goes.
struct SnapshotBudget {
  size_t objects = 0;  // to look at
  size_t bytes = 0;    // no object is begun behind
};

}  // namespace quorate::keyspace
