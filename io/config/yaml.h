// SPDX-License-Identifier: Apache-2.0
// YAML text to a Value. Stricter than YAML: a key stands once in a map, keys are plain text, one
// document, no anchors, no control characters, bounded depth and size.
#pragma once

#include <string_view>
#include <vector>

#include "io/config/value.h"

namespace quorate::io {

// The tree of `text`; `source` names it in positions. What is wrong is added to `problems`, and the
// tree then holds what could be read. An empty text is an empty map.
[[nodiscard]] Value ParseYaml(std::string_view text, std::string_view source,
                              std::vector<Problem>& problems);

}  // namespace quorate::io
