// SPDX-License-Identifier: Apache-2.0
#include "sim/check/event_formats.h"

#include <charconv>
#include <set>
#include <utility>

#include "sim/check/edn_reader.h"

namespace quorate::sim::check {
namespace {

using Kind = EdnToken::Kind;

absl::StatusOr<std::string> Keyword(EdnReader& reader, std::string_view what) {
  QUORATE_ASSIGN_OR_RETURN(EdnToken token, reader.Next());
  if (token.kind != Kind::kKeyword) return InvalidArgument(Format("the %s is no keyword", what));
  return std::move(token.text);
}

absl::StatusOr<uint32_t> Process(EdnReader& reader) {
  QUORATE_ASSIGN_OR_RETURN(const EdnToken token, reader.Next());
  uint32_t process = 0;
  const char* const end = token.text.data() + token.text.size();
  const auto [at, error] = std::from_chars(token.text.data(), end, process);
  if (token.kind != Kind::kInteger || error != std::errc() || at != end) {
    return InvalidArgument("the process is no number of 32 bits");
  }
  return process;
}

absl::StatusOr<EventType> Type(EdnReader& reader) {
  QUORATE_ASSIGN_OR_RETURN(const std::string name, Keyword(reader, "type"));
  if (name == "invoke") return EventType::kInvoke;
  if (name == "ok") return EventType::kOk;
  if (name == "fail") return EventType::kFail;
  if (name == "info") return EventType::kInfo;
  return InvalidArgument("the type is not :invoke, :ok, :fail or :info");
}

absl::StatusOr<std::optional<std::string>> Scalar(EdnToken token) {
  if (token.kind == Kind::kNothing) return std::optional<std::string>();
  if (token.kind == Kind::kInteger || token.kind == Kind::kString) {
    return std::optional<std::string>(std::move(token.text));
  }
  return InvalidArgument("a value is no nil, integer or string");
}

absl::StatusOr<EventValue> Value(EdnReader& reader) {
  QUORATE_ASSIGN_OR_RETURN(EdnToken token, reader.Next());
  EventValue value;
  if (token.kind == Kind::kKeyword) {
    value.kind = EventValue::Kind::kWord;
    value.first = std::move(token.text);
    return value;
  }
  if (token.kind != Kind::kOpen) {
    QUORATE_ASSIGN_OR_RETURN(value.first, Scalar(std::move(token)));
    return value;
  }
  if (token.text != "[") return InvalidArgument("a value is no nil, integer, string or pair");
  value.kind = EventValue::Kind::kPair;
  QUORATE_ASSIGN_OR_RETURN(EdnToken first, reader.Next());
  QUORATE_ASSIGN_OR_RETURN(value.first, Scalar(std::move(first)));
  QUORATE_ASSIGN_OR_RETURN(EdnToken second, reader.Next());
  QUORATE_ASSIGN_OR_RETURN(value.second, Scalar(std::move(second)));
  QUORATE_ASSIGN_OR_RETURN(const EdnToken close, reader.Next());
  if (close.kind != Kind::kClose || close.text != "]") {
    return InvalidArgument("a pair has not two values");
  }
  return value;
}

absl::Status End(EdnReader& reader) {
  QUORATE_ASSIGN_OR_RETURN(const EdnToken token, reader.Next());
  if (token.kind != Kind::kEnd) return InvalidArgument("there is more behind the event");
  return absl::OkStatus();
}

absl::Status Entry(EdnReader& reader, std::string_view name, Event& event) {
  if (name == "process") {
    QUORATE_ASSIGN_OR_RETURN(event.process, Process(reader));
  } else if (name == "type") {
    QUORATE_ASSIGN_OR_RETURN(event.type, Type(reader));
  } else if (name == "f") {
    QUORATE_ASSIGN_OR_RETURN(event.function, Keyword(reader, ":f"));
  } else if (name == "value") {
    QUORATE_ASSIGN_OR_RETURN(event.value, Value(reader));
  } else if (name == "key") {
    QUORATE_ASSIGN_OR_RETURN(EdnToken token, reader.Next());
    if (token.kind != Kind::kString && token.kind != Kind::kInteger) {
      return InvalidArgument("the key is no string or integer");
    }
    event.key = std::move(token.text);
  } else {
    return InvalidArgument(Format("an event has no :%s", name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Event> ParseLogLine(std::string_view line) {
  if (!line.starts_with(kLogPrefix)) {
    return InvalidArgument(Format("does not begin with '%s'", kLogPrefix));
  }
  line.remove_prefix(kLogPrefix.size());
  EdnReader reader(line);
  Event event;
  QUORATE_ASSIGN_OR_RETURN(event.process, Process(reader));
  QUORATE_ASSIGN_OR_RETURN(event.type, Type(reader));
  QUORATE_ASSIGN_OR_RETURN(event.function, Keyword(reader, "operation"));
  QUORATE_ASSIGN_OR_RETURN(event.value, Value(reader));
  QUORATE_RETURN_IF_ERROR(End(reader));
  return event;
}

absl::StatusOr<Event> ParseEdnLine(std::string_view line) {
  EdnReader reader(line);
  QUORATE_ASSIGN_OR_RETURN(const EdnToken open, reader.Next());
  if (open.kind != Kind::kOpen || open.text != "{") return InvalidArgument("is no map");
  Event event;
  std::set<std::string> seen;
  for (;;) {
    QUORATE_ASSIGN_OR_RETURN(EdnToken token, reader.Next());
    if (token.kind == Kind::kClose && token.text == "}") break;
    if (token.kind != Kind::kKeyword) return InvalidArgument("the name of an entry is no keyword");
    if (!seen.insert(token.text).second) {
      return InvalidArgument(Format("has :%s twice", token.text));
    }
    QUORATE_RETURN_IF_ERROR(Entry(reader, token.text, event));
  }
  for (const std::string_view name : {"process", "type", "f", "value"}) {
    if (!seen.contains(std::string(name))) return InvalidArgument(Format("has no :%s", name));
  }
  QUORATE_RETURN_IF_ERROR(End(reader));
  return event;
}

}  // namespace quorate::sim::check
