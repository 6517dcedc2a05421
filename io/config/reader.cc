// SPDX-License-Identifier: Apache-2.0
#include "io/config/reader.h"

#include "engine/topology/limits.h"

namespace quorate::io {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

std::string TextOfTime(Duration time) {
  const int64_t micros = time.count();
  if (micros % 1'000'000 == 0) return std::to_string(micros / 1'000'000) + "s";
  if (micros % 1000 == 0) return std::to_string(micros / 1000) + "ms";
  return std::to_string(micros) + "us";
}

}  // namespace

std::string Reader::KindOf(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNull:
      return "nothing";
    case Value::Kind::kScalar:
      return Quoted(value.scalar);
    case Value::Kind::kList:
      return "a list";
    case Value::Kind::kMap:
      return "a map";
  }
  return "";
}

void Reader::RefuseUnknown(const Entry& entry, std::string_view what,
                           std::span<const std::string_view> names) {
  Refuse(entry.position, "unknown setting " + Quoted(entry.key) + " in " + std::string(what) +
                             Suggest(entry.key, names));
}

bool Reader::Text(const Value& value, std::string& out) {
  if (value.kind != Value::Kind::kScalar) {
    Refuse(value.position, "a single value is expected here, not " + KindOf(value));
    return false;
  }
  out = value.scalar;
  return true;
}

void Reader::Name(const Value& value, std::string& out) {
  std::string text;
  if (!Text(value, text)) return;
  if (text.empty() || text.size() > topology::kNameBytesMax) {
    Refuse(value.position, Format("a name has 1 to %d bytes", topology::kNameBytesMax));
    return;
  }
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte <= ' ' || byte == 0x7f || c == ':' || c == '|' || c == ',' || c == '/') {
      Refuse(value.position, Quoted(text) +
                                 " is no name: it holds a space, a control character, ':', ',', "
                                 "'/' or '|'");
      return;
    }
  }
  out = text;
}

void Reader::Whole(const Value& value, uint64_t low, uint64_t high, uint64_t& out) {
  std::string text;
  if (!Text(value, text)) return;
  const std::optional<uint64_t> number = ParseWhole(text);
  if (!number || *number < low || *number > high) {
    Refuse(value.position,
           Format("%s is not a whole number from %d to %d", Quoted(text), low, high));
    return;
  }
  out = *number;
}

void Reader::Whole16(const Value& value, uint64_t low, uint64_t high, uint16_t& out) {
  uint64_t number = out;
  Whole(value, low, high, number);
  out = static_cast<uint16_t>(number);
}

void Reader::Switch(const Value& value, bool& out) {
  std::string text;
  if (!Text(value, text)) return;
  if (const auto on = ParseSwitch(text)) {
    out = *on;
  } else {
    Refuse(value.position, Quoted(text) + " is neither yes nor no");
  }
}

void Reader::ByteSize(const Value& value, uint64_t& out) {
  std::string text;
  if (!Text(value, text)) return;
  if (const auto size = ParseByteSize(text)) {
    out = *size;
  } else {
    Refuse(value.position, Quoted(text) + " is no size; write for example 64mb or 2gb");
  }
}

void Reader::Time(const Value& value, Duration low, Duration high, Duration& out) {
  std::string text;
  if (!Text(value, text)) return;
  const std::optional<Duration> time = ParseDuration(text);
  if (!time) {
    Refuse(value.position, Quoted(text) + " is no length of time; write for example 100ms or 5s");
  } else if (*time < low || *time > high) {
    Refuse(value.position,
           Quoted(text) + " is not within " + TextOfTime(low) + " to " + TextOfTime(high));
  } else {
    out = *time;
  }
}

void Reader::Address(const Value& value, std::string& out) {
  std::string text;
  if (!Text(value, text)) return;
  if (!SplitAddress(text)) {
    Refuse(value.position, Quoted(text) +
                               " is no address; write host:port, with the host of IPv6 in "
                               "brackets");
    return;
  }
  out = text;
}

void Reader::Listener(const Value& value, std::string& out) {
  if (value.kind == Value::Kind::kScalar && value.scalar.starts_with(kUnixPrefix)) {
    if (value.scalar.size() > kUnixPrefix.size()) {
      out = value.scalar;
    } else {
      Refuse(value.position, "unix: is followed by the path of the socket");
    }
    return;
  }
  Address(value, out);
}

}  // namespace quorate::io
