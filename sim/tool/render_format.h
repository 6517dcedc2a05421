// SPDX-License-Identifier: Apache-2.0
// What `render` makes of what is on a page: the page, or a file that another tool reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "sim/page/page.h"

namespace quorate::sim {

enum class RenderFormat : uint8_t {
  kHtml,      // sim/page/page.h
  kPerfetto,  // sim/page/perfetto.h
  kShiViz,    // sim/page/shiviz.h: of runs alone
};

// Of nothing it is the page. NotFound, the command line makes no sense, where there is none such.
[[nodiscard]] absl::StatusOr<RenderFormat> ParseRenderFormat(std::string_view text);
// How the names of its files end: ".html".
[[nodiscard]] std::string_view EndingOf(RenderFormat format);

struct Rendered {
  std::string text;
  std::vector<std::string> left_out;  // lines
};
// Requires: the format can tell of the content.
[[nodiscard]] Rendered Render(RenderFormat format, const PageContent& content, const PageRun& run,
                              const PageLanes& lanes);

}  // namespace quorate::sim
