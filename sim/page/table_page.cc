// SPDX-License-Identifier: Apache-2.0
#include "sim/page/table_page.h"

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/page/escape.h"
#include "sim/page/limits.h"

namespace quorate::sim {
namespace {

#include "page_parts.inc"

std::string ClassOf(const TableCell& cell) {
  std::string name;
  if (cell.look == TableCell::Look::kNumber) name = "number";
  if (cell.bad) name += name.empty() ? "bad" : " bad";
  return name.empty() ? name : " class=\"" + name + "\"";
}

std::string RowOf(const std::vector<TableCell>& cells) {
  std::string html = "<tr>";
  for (const TableCell& cell : cells) {
    const bool code = cell.look == TableCell::Look::kCode;
    html += "<td" + ClassOf(cell) + ">" + (code ? "<code>" : "") + EscapeHtml(cell.text) +
            (code ? "</code>" : "") + "</td>";
  }
  return html + "</tr>\n";
}

std::string SectionOf(const PageTable& table) {
  std::string html =
      "<section id=\"" + EscapeHtml(table.id) + "\">\n<h2>" + EscapeHtml(table.title) + "</h2>\n";
  if (table.rows.empty()) return html + "<p>" + EscapeHtml(table.none) + "</p>\n</section>\n";
  html += "<table>\n<tr>";
  for (size_t i = 0; i < table.head.size(); ++i) {
    const bool number = table.rows.front()[i].look == TableCell::Look::kNumber;
    html += (number ? "<th class=\"number\">" : "<th>") + EscapeHtml(table.head[i]) + "</th>";
  }
  html += "</tr>\n";
  for (const std::vector<TableCell>& row : table.rows) html += RowOf(row);
  return html + "</table>\n</section>\n";
}

// The parts of `text` in order, each mark filled with what belongs there; what is filled in is not
// looked at again.
std::string Filled(std::string_view text,
                   const std::vector<std::pair<std::string_view, std::string>>& marks) {
  std::string page;
  for (const auto& [mark, content] : marks) {
    const size_t at = text.find(mark);
    QUORATE_CHECK(at != std::string_view::npos);
    page.append(text.substr(0, at)).append(content);
    text.remove_prefix(at + mark.size());
  }
  return page.append(text);
}

}  // namespace

std::string MakeTablePage(const TablePage& page) {
  std::string figures;
  for (const auto& [what, how_much] : page.figures) {
    figures +=
        "<div><dt>" + EscapeHtml(what) + "</dt><dd>" + EscapeHtml(how_much) + "</dd></div>\n";
  }
  std::string tables;
  for (const PageTable& table : page.tables) tables += SectionOf(table);
  const std::string title = EscapeHtml(page.title);
  const std::string reload =
      page.goes_on ? Format("<meta http-equiv=\"refresh\" content=\"%d\">", kPageReload / 1s) : "";
  return Filled(k_tables_html, {{"{{reload}}", reload},
                                {"{{title}}", title},
                                {"{{style}}", std::string(k_page_css) + std::string(k_tables_css)},
                                {"{{heading}}", title},
                                {"{{verdict}}", page.bad ? "chip failed" : "chip"},
                                {"{{chip}}", EscapeHtml(page.chip)},
                                {"{{facts}}", EscapeHtml(page.facts)},
                                {"{{figures}}", figures},
                                {"{{tables}}", tables},
                                {"{{footer}}", EscapeHtml(page.footer)}});
}

}  // namespace quorate::sim
