// SPDX-License-Identifier: Apache-2.0
#include "sim/page/subject.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace quorate::sim {
namespace {

// Takes what follows `word`, if that is next in `text` and a number comes after it.
std::optional<uint64_t> TakeNumber(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  const char* const begin = text.data() + word.size();
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

void Add(std::string_view text, Subject& subject) {
  constexpr std::string_view kKey = "key \"";
  if (const size_t at = text.find(kKey); subject.key.empty() && at != std::string_view::npos) {
    const std::string_view rest = text.substr(at + kKey.size());
    subject.key = rest.substr(0, rest.find('"'));
  }
  for (size_t at = 0; (at = text.find("operation ", at)) != std::string_view::npos; ++at) {
    std::string_view rest = text.substr(at);
    const std::optional<uint64_t> operation = TakeNumber(rest, "operation ");
    if (!operation) continue;
    subject.operations.push_back(*operation);
    const std::optional<uint64_t> first = TakeNumber(rest, " (events ");
    const std::optional<uint64_t> last = TakeNumber(rest, " to ");
    if (first && last) subject.spans.push_back({EventId{*first}, EventId{*last}});
  }
}

}  // namespace

bool Subject::Names(uint64_t operation) const {
  return std::binary_search(operations.begin(), operations.end(), operation);
}

bool Subject::Spans(EventId event) const {
  return std::any_of(spans.begin(), spans.end(), [event](const auto& span) {
    return span.first <= event && event <= span.second;
  });
}

Subject SubjectOf(const Failure& failure) {
  Subject subject;
  constexpr std::string_view kPool = "pool ";  // InPool says so
  const size_t end = failure.seen.find(": ");
  if (failure.seen.starts_with(kPool) && end != std::string::npos) {
    subject.pool = failure.seen.substr(kPool.size(), end - kPool.size());
  }
  Add(failure.promised, subject);
  Add(failure.seen, subject);
  std::sort(subject.operations.begin(), subject.operations.end());
  return subject;
}

}  // namespace quorate::sim
