// SPDX-License-Identifier: Apache-2.0
// Frames as the next release might write them: with further fields in every table, and messages of
// a kind that only it knows. CMakeLists.txt makes its schema of this release's.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/codec.h"

namespace quorate::sim {

struct NewerFrame {
  Bytes bytes;
  uint32_t unknown = 0;  // messages that this release does not know
};

// What `draw` decides is in what was added; `unknown`: one or two messages of the new kind stand
// around the others. Requires: `frame` is one of this release.
[[nodiscard]] NewerFrame WriteAsNextRelease(std::string_view frame, uint64_t draw, bool unknown);

}  // namespace quorate::sim
