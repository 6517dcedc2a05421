// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>

#include "sim/check/checker.h"

namespace quorate::sim::check {
namespace {

constexpr char kCulpritMark = '*';
constexpr char kPerhapsMark = '?';

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  // The ends tell appended texts apart.
  const bool cut = text.size() > kShownValueMax;
  const std::string_view shown = cut ? text.substr(text.size() - kShownValueMax) : text;
  if (cut) out += "...";
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      out += Format("\\x%02x", byte);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string Shown(const History& history, ValueId id) {
  return id == kNil ? "nil" : Quoted(history.values.text(id));
}

std::string What(const History& history, const Operation& operation) {
  const std::string value = Shown(history, operation.value);
  const std::string expected = Shown(history, operation.expected);
  switch (operation.action) {
    case Action::kRead:
      return "read " + value;
    case Action::kWrite:
      return "write " + value;
    case Action::kAppend:
      return "append " + value;
    case Action::kCas:
      return Format("cas %s to %s", expected, value);
    case Action::kCasMiss:
      return Format("cas %s to %s, which found something else", expected, value);
  }
  return "";
}

std::string TimeText(Place place) {
  return place == kNever ? "never" : std::to_string(TimeOf(place));
}

void Row(const History& history, uint32_t index, char mark, std::string& out) {
  const Operation& operation = history.operations[index];
  out += Format("%c %8u %8u %12s %12s  %s\n", mark, operation.line, operation.process,
                TimeText(operation.called), TimeText(operation.returned), What(history, operation));
}

// Of those that may have an effect, only what somebody within saw is of interest.
bool IsSeen(const Operation& operation, const std::set<ValueId>& seen) {
  return operation.action == Action::kAppend || seen.contains(operation.value);
}

std::string Table(const History& history, const Window& window) {
  std::set<ValueId> seen;
  for (const uint32_t index : window.within) {
    const Operation& operation = history.operations[index];
    if (operation.action == Action::kRead) seen.insert(operation.value);
    if (operation.action == Action::kCas) seen.insert(operation.expected);
  }
  std::string out = "      line  process       called     returned  operation\n";
  size_t rows = 0;
  size_t hidden = 0;
  const auto put = [&](uint32_t index, char mark) {
    if (rows == kWindowRowsMax) {
      ++hidden;
      return;
    }
    ++rows;
    Row(history, index, mark, out);
  };
  for (const uint32_t index : window.within) {
    const bool culprit =
        std::find(window.culprits.begin(), window.culprits.end(), index) != window.culprits.end();
    put(index, culprit ? kCulpritMark : ' ');
  }
  for (const uint32_t index : window.overlap) {
    if (IsSeen(history.operations[index], seen)) {
      put(index, kPerhapsMark);
    } else {
      ++hidden;
    }
  }
  out += Format("  %c alone have no order, whether the others were or not", kCulpritMark);
  if (!window.overlap.empty()) out += Format("; %c need not have an effect within", kPerhapsMark);
  out += "\n";
  if (hidden > 0) out += Format("  and %u more that are not shown\n", hidden);
  return out;
}

}  // namespace

std::string Describe(const History& history, const Findings& findings, uint64_t steps_max) {
  const std::string key = Quoted(history.keys.text(findings.key));
  if (findings.verdict == Verdict::kUnknown) {
    return Format("unknown\n%u keys were not decided within %u steps each, the first of them %s\n",
                  findings.keys_unknown, steps_max, key);
  }
  if (!findings.window.has_value()) {
    return Format("linearizable\n%u operations of %u keys, %u by zones and %u by search\n",
                  history.operations.size(), findings.keys_by_zones + findings.keys_by_search,
                  findings.keys_by_zones, findings.keys_by_search);
  }
  const Window& window = *findings.window;
  std::string out =
      Format("not linearizable\nkey %s, times %s to %s: no order of these %u %s", key,
             TimeText(window.from), TimeText(window.to), window.within.size(),
             window.at_start ? "operations begins empty" : "operations explains what they saw");
  out += window.shortest ? " (the shortest window)\n" : " (neither end can be cut)\n";
  return out + Table(history, window);
}

}  // namespace quorate::sim::check
