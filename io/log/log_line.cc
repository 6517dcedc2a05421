// SPDX-License-Identifier: Apache-2.0
#include "io/log/log_line.h"

#include <array>
#include <ctime>

#include "engine/base/status.h"
#include "io/log/limits.h"

namespace quorate::io {
namespace {

std::string TimeText(WallTime time) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return Format("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time.ms % 1000);
}

// The length of the well-formed UTF-8 sequence at the front of `text`, 0 where there is none
// [RFC 3629 §4].
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto tail = [&](size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const uint8_t first = static_cast<uint8_t>(byte(0));
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool beyond = first == 0xf4 && byte(1) > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const uint8_t first = static_cast<uint8_t>(text.front());
    if (length == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += text.front();
    } else if (first < ' ' || first == 0x7f) {
      out += Format("\\u%04x", int{first});
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void AppendPrintable(std::string_view text, std::string& out) {
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte < ' ' || byte == 0x7f) {
      out += Format("\\x%02x", int{byte});
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string_view NameOf(env::LogLevel level) {
  static constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};
  return kNames[static_cast<size_t>(level)];
}

std::string TextLine(const LogEvent& event) {
  std::string line = TimeText(event.time) + " " + std::string(NameOf(event.level)) + " ";
  if (!event.source.empty()) {
    AppendPrintable(event.source, line);
    line += ": ";
  }
  AppendPrintable(event.text.substr(0, kLogTextBytesMax), line);
  return line + "\n";
}

std::string JsonLine(const LogEvent& event) {
  std::string line = "{\"time\":\"" + TimeText(event.time) + "\",\"level\":\"" +
                     std::string(NameOf(event.level)) + "\",\"source\":";
  AppendJsonString(event.source, line);
  line += ",\"text\":";
  AppendJsonString(event.text.substr(0, kLogTextBytesMax), line);
  return line + "}\n";
}

}  // namespace quorate::io
