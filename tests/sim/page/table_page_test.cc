// SPDX-License-Identifier: Apache-2.0
// A page of tables says what it is told, whatever bytes that are, and is taken anew while work goes
// on.
#include "sim/page/table_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/page/escape.h"

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(EscapeHtml("a <b> & \"c\" 'd'"), "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(EscapeHtml("&lt;"), "&amp;lt;");
  EXPECT_EQ(EscapeHtml(std::string_view("\0\x1f\x7f", 3)), "???");
  EXPECT_EQ(EscapeHtml("gr\xc3\xbc\xc3\x9f\n\t"), "gr\xc3\xbc\xc3\x9f\n\t");
  EXPECT_EQ(EscapeHtml(""), "");
}

TablePage Sample() {
  TablePage page;
  page.title = "t<1>";
  page.chip = "c<2>";
  page.facts = "f<3>";
  page.figures = {{"w<4>", "h<5>"}};
  PageTable full{"full", "n<6>", "nothing", {"k<7>", "many"}, {}};
  full.rows.push_back({{"r<8>", TableCell::Look::kCode}, {"9", TableCell::Look::kNumber, true}});
  page.tables = {full, {"empty", "Empty", "e<10>", {"x"}, {}}};
  page.footer = "o<11>";
  return page;
}

TEST(TablePage, EscapesWhateverItIsTold) {
  const std::string html = MakeTablePage(Sample());
  for (const char* const text :
       {"<title>t&lt;1&gt;</title>", ">t&lt;1&gt;</h1>", ">c&lt;2&gt;</span>", ">f&lt;3&gt;</span>",
        "<dt>w&lt;4&gt;</dt><dd>h&lt;5&gt;</dd>", "<h2>n&lt;6&gt;</h2>", "<th>k&lt;7&gt;</th>",
        "<td><code>r&lt;8&gt;</code></td>", "<td class=\"number bad\">9</td>", "<p>e&lt;10&gt;</p>",
        ">o&lt;11&gt;</span>", "<section id=\"full\">", "<section id=\"empty\">"}) {
    EXPECT_THAT(html, HasSubstr(text));
  }
}

TEST(TablePage, DoesNotLookForMarksInWhatItIsTold) {
  TablePage page = Sample();
  page.title = "{{chip}}";
  page.chip = "{{tables}}";
  const std::string html = MakeTablePage(page);
  EXPECT_THAT(html, HasSubstr("<title>{{chip}}</title>"));
  EXPECT_THAT(html, HasSubstr(">{{tables}}</span>"));
}

TEST(TablePage, IsTakenAnewOnlyWhileWorkGoesOn) {
  TablePage page = Sample();
  EXPECT_THAT(MakeTablePage(page), Not(HasSubstr("http-equiv")));
  page.goes_on = true;
  EXPECT_THAT(MakeTablePage(page), HasSubstr("<meta http-equiv=\"refresh\" content=\"5\">"));
  EXPECT_THAT(MakeTablePage(page), HasSubstr("id=\"verdict\" class=\"chip\""));
  page.bad = true;
  EXPECT_THAT(MakeTablePage(page), HasSubstr("id=\"verdict\" class=\"chip failed\""));
}

TEST(TablePage, NeedsNothingFromAnywhereElse) {
  const std::string html = MakeTablePage(Sample());
  for (const char* const word : {"http:", "https:", "src=", "href=", "@import", "url("}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
}

}  // namespace
}  // namespace quorate::sim
