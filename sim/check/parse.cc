// SPDX-License-Identifier: Apache-2.0
#include "sim/check/parse.h"

#include <array>
#include <utility>

#include "sim/check/event_formats.h"
#include "sim/check/limits.h"
#include "sim/check/text_format.h"

namespace quorate::sim::check {
namespace {

constexpr std::array<std::pair<std::string_view, FileFormat>, 3> kFormats = {
    {{"text", FileFormat::kText},
     {"jepsen-log", FileFormat::kJepsenLog},
     {"edn", FileFormat::kEdn}}};

constexpr std::string_view kTextName = "quorate-history";

// Calls take(number, line) for each line, without its end, until one is refused.
template <typename Take>
absl::Status ForEachLine(std::string_view file, Take&& take) {
  uint32_t number = 0;
  while (!file.empty()) {
    const size_t end = file.find('\n');
    ++number;
    if (end == std::string_view::npos) {
      return AtLine(number, "the file ends within the line: it may be cut short");
    }
    QUORATE_RETURN_IF_ERROR(take(number, file.substr(0, end)));
    file.remove_prefix(end + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<History> ParseText(std::string_view file) {
  History history;
  bool header = false;
  QUORATE_RETURN_IF_ERROR(ForEachLine(file, [&](uint32_t number, std::string_view line) {
    if (number > 1) return ParseTextLine(number, line, history);
    header = line == kTextHeader;
    if (header) return absl::OkStatus();
    if (!line.starts_with(kTextName)) return AtLine(1, Format("is not '%s'", kTextHeader));
    return AtLine(1, Format("another version of the format than '%s'", kTextHeader));
  }));
  if (!header) return AtLine(1, "the file is empty");
  return history;
}

using ParseEvent = absl::StatusOr<Event> (*)(std::string_view line);

absl::StatusOr<History> ParseEvents(std::string_view file, ParseEvent parse) {
  EventPairs pairs;
  uint32_t events = 0;
  QUORATE_RETURN_IF_ERROR(ForEachLine(file, [&](uint32_t number, std::string_view line) {
    if (line.empty()) return absl::OkStatus();
    const absl::StatusOr<Event> event = parse(line);
    if (!event.ok()) return AtLine(number, MessageOf(event.status()));
    ++events;
    return pairs.Add(number, *event);
  }));
  if (events == 0) return AtLine(1, "the file has no event");
  return pairs.Take();
}

}  // namespace

std::string_view NameOf(FileFormat format) {
  for (const auto& [name, known] : kFormats) {
    if (known == format) return name;
  }
  return "";
}

std::optional<FileFormat> FormatNamed(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::optional<FileFormat> FormatOf(std::string_view file) {
  if (file.starts_with(kTextName)) return FileFormat::kText;
  if (file.starts_with(kLogPrefix)) return FileFormat::kJepsenLog;
  if (file.starts_with('{')) return FileFormat::kEdn;
  return std::nullopt;
}

absl::StatusOr<History> ParseHistory(std::string_view file, FileFormat format) {
  if (file.size() > kHistoryBytesMax) {
    return ResourceExhausted(Format("the file is larger than %u bytes", kHistoryBytesMax));
  }
  switch (format) {
    case FileFormat::kText:
      return ParseText(file);
    case FileFormat::kJepsenLog:
      return ParseEvents(file, ParseLogLine);
    case FileFormat::kEdn:
      return ParseEvents(file, ParseEdnLine);
  }
  return InvalidArgument("no such format");
}

}  // namespace quorate::sim::check
