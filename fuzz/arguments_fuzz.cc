// SPDX-License-Identifier: Apache-2.0
// What is typed behind quorate-sim, a word on each line; and the words alone, as lists of epochs
// and as a table of planted bugs: one line that says what is wrong, or something that can be used.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "sim/tool/arguments.h"
#include "sim/tool/bug_table.h"
#include "sim/tool/epoch_list.h"

namespace quorate::sim {
namespace {

void CheckRefusal(const absl::Status& status) { QUORATE_CHECK(!MessageOf(status).empty()); }

void CheckWords(const std::vector<std::string_view>& words) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) return CheckRefusal(arguments.status());
  QUORATE_CHECK(arguments->seeds.first <= arguments->seeds.last);
  QUORATE_CHECK(arguments->jobs > 0);
}

void CheckEpochs(std::string_view text) {
  const auto epochs = ParseEpochs(text);
  if (!epochs.ok()) return CheckRefusal(epochs.status());
  const auto again = ParseEpochs(Describe(*epochs));
  QUORATE_CHECK(epochs->empty() || (again.ok() && *again == *epochs));
}

void CheckBugs(std::string_view text) {
  const auto rows = ParseBugRows(text);
  if (!rows.ok()) return CheckRefusal(rows.status());
  for (const BugRow& row : *rows) QUORATE_CHECK(!row.bug.empty() && !row.scenario.empty());
}

}  // namespace
}  // namespace quorate::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    quorate::sim::CheckEpochs(words.back());
    begin = end + 1;
  }
  quorate::sim::CheckWords(words);
  quorate::sim::CheckBugs(text);
  return 0;
}
