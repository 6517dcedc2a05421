// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/render_format.h"

#include <array>
#include <utility>

#include "sim/page/perfetto.h"
#include "sim/page/shiviz.h"

namespace quorate::sim {
namespace {

struct Named {
  std::string_view name;
  std::string_view ending;
};
// By format.
constexpr std::array<Named, 3> kFormats = {
    {{"html", ".html"}, {"perfetto", ".perfetto.json"}, {"shiviz", ".shiviz.log"}}};

}  // namespace

absl::StatusOr<RenderFormat> ParseRenderFormat(std::string_view text) {
  if (text.empty()) return RenderFormat::kHtml;
  for (size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].name == text) return static_cast<RenderFormat>(i);
  }
  return absl::NotFoundError(Format("no format '%s'; there are html, perfetto and shiviz", text));
}

std::string_view EndingOf(RenderFormat format) {
  return kFormats[static_cast<size_t>(format)].ending;
}

Rendered Render(RenderFormat format, const PageContent& content, const PageRun& run,
                const PageLanes& lanes) {
  Rendered rendered{{}, LeftOut(content, run, lanes)};
  if (format == RenderFormat::kHtml) {
    rendered.text = MakePage(content, run, lanes);
  } else if (format == RenderFormat::kPerfetto) {
    rendered.text = MakePerfetto(content, run, lanes);
  } else {
    ShiVizLog log = MakeShiViz(content, run, lanes);
    rendered.text = std::move(log.text);
    if (log.left_out > 0) {
      rendered.left_out.push_back(
          Format("%u first lines: their clocks are too long", log.left_out));
    }
  }
  return rendered;
}

}  // namespace quorate::sim
