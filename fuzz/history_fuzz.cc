// SPDX-License-Identifier: Apache-2.0
// Bytes that are to be a history: an error that names a line, or a history that survives being
// written and read again, and that the checkers judge within their budget. The first byte picks the
// format and the model.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "sim/check/checker.h"
#include "sim/check/parse.h"
#include "sim/check/search.h"
#include "sim/check/text_format.h"
#include "sim/check/zones.h"

namespace quorate::sim::check {
namespace {

constexpr uint64_t kSteps = 2000;
constexpr size_t kJudgedOperationsMax = 64;

FileFormat FormatBy(uint8_t pick) {
  switch (pick % 4) {
    case 1:
      return FileFormat::kJepsenLog;
    case 2:
      return FileFormat::kEdn;
    default:
      return FileFormat::kText;
  }
}

// Where both the zones and the search decide, they agree.
void Compare(History& history) {
  for (const Problem& problem : SplitByKey(history, kNil)) {
    const std::optional<Verdict> zones = ZoneChecker().Check(problem);
    const Verdict search = Search(problem, history.values, kSteps).Run();
    if (zones.has_value() && search != Verdict::kUnknown) QUORATE_CHECK(search == *zones);
  }
}

void Judge(std::string_view file, FileFormat format, Model model) {
  absl::StatusOr<History> history = ParseHistory(file, format);
  if (!history.ok()) {
    QUORATE_CHECK(MessageOf(history.status()).starts_with("line "));
    return;
  }
  const std::string text = EncodeText(*history);
  const absl::StatusOr<History> again = ParseHistory(text, FileFormat::kText);
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(EncodeText(*again) == text);
  if (history->operations.size() > kJudgedOperationsMax) return;
  const absl::StatusOr<Findings> findings = CheckHistory(*history, model, kSteps);
  if (!findings.ok()) {
    QUORATE_CHECK(MessageOf(findings.status()).starts_with("line "));
    return;
  }
  QUORATE_CHECK(!Describe(*history, *findings, kSteps).empty());
  if (model == Model::kRegister) Compare(*history);
}

}  // namespace
}  // namespace quorate::sim::check

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quorate::sim::check::Model;
  if (size == 0) return 0;
  // '0', '1' and '2' are a register in each format, '4' to '6' the same for kv.
  const auto pick = static_cast<uint8_t>(data[0] - '0');
  const std::string file(reinterpret_cast<const char*>(data) + 1, size - 1);
  quorate::sim::check::Judge(file, quorate::sim::check::FormatBy(pick),
                             (pick & 4) != 0 ? Model::kKv : Model::kRegister);
  return 0;
}
