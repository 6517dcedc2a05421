// SPDX-License-Identifier: Apache-2.0
#include "io/config/words.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "io/config/limits.h"

namespace quorate::io {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return Lower(c); });
  return lower;
}

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// A whole number and one of `units`, in any case.
std::optional<uint64_t> ParseWithUnit(std::string_view text, std::span<const Unit> units) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string unit = Lower(text.substr(static_cast<size_t>(end - text.data())));
  for (const Unit& known : units) {
    if (known.name != unit) continue;
    if (number > std::numeric_limits<uint64_t>::max() / known.factor) return std::nullopt;
    return number * known.factor;
  }
  return std::nullopt;
}

// Edits (insert, delete, replace, swap of neighbours) that make one text the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
                           Lower(a[i - 2]) == Lower(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<uint64_t> ParseByteSize(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"", 1},
      {"b", 1},
      {"k", 1000},
      {"kb", 1024},
      {"m", 1000 * 1000},
      {"mb", 1024 * 1024},
      {"g", 1000 * 1000 * 1000},
      {"gb", 1024 * 1024 * 1024},
      {"t", 1000ULL * 1000 * 1000 * 1000},
      {"tb", 1024ULL * 1024 * 1024 * 1024},
  };
  return ParseWithUnit(text, kUnits);
}

std::optional<Duration> ParseDuration(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"us", 1}, {"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000},
  };
  const std::optional<uint64_t> micros = ParseWithUnit(text, kUnits);
  if (!micros || *micros > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return std::nullopt;
  }
  return Duration(static_cast<int64_t>(*micros));
}

std::optional<bool> ParseSwitch(std::string_view text) {
  const std::string lower = Lower(text);
  if (lower == "yes" || lower == "true" || lower == "on") return true;
  if (lower == "no" || lower == "false" || lower == "off") return false;
  return std::nullopt;
}

std::optional<uint64_t> ParseWhole(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string_view> NearestName(std::string_view text,
                                            std::span<const std::string_view> names) {
  std::optional<std::string_view> nearest;
  if (text.empty() || text.size() > kQuotedBytesMax) return nearest;
  // One edit in three letters is a slip; more is another word.
  size_t best = std::max<size_t>(1, text.size() / 3) + 1;
  for (const std::string_view name : names) {
    const size_t distance = EditDistance(text, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

std::string Suggest(std::string_view text, std::span<const std::string_view> names) {
  if (const auto nearest = NearestName(text, names)) {
    return "; did you mean '" + std::string(*nearest) + "'?";
  }
  std::string list;
  for (const std::string_view name : names) {
    list += list.empty() ? "; it is one of " : ", ";
    list += name;
  }
  return list;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, kQuotedBytesMax)) {
    const uint8_t byte = static_cast<uint8_t>(c);
    quoted += byte < ' ' || byte == 0x7f ? '?' : c;
  }
  return quoted + (text.size() > kQuotedBytesMax ? "...'" : "'");
}

std::optional<AddressParts> SplitAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']' && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto bad = [](char c) { return static_cast<uint8_t>(c) <= ' ' || c == ',' || c == '|'; };
  if (std::any_of(host.begin(), host.end(), bad)) return std::nullopt;
  const std::optional<uint64_t> port = ParseWhole(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  return AddressParts{std::string(host), static_cast<uint16_t>(*port)};
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (!host.starts_with("127.")) return false;
  // Digits and points only: "127.evil.example" is a name like any other.
  const auto numeric = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  return std::all_of(host.begin(), host.end(), numeric);
}

}  // namespace quorate::io
