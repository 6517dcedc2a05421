// SPDX-License-Identifier: Apache-2.0
#include "sim/check/text_format.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/check/limits.h"

namespace quorate::sim::check {
namespace {

constexpr std::string_view kNilWord = "nil";
constexpr std::string_view kUnknownWord = "?";
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsBare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == ':' || c == '/' || c == '+';
}

// Fields are separated by one blank each. After the first complaint all else fails, too.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  std::string_view Word() { return Begin() ? Plain() : std::string_view(); }
  template <typename Integer>
  Integer Number(Integer max, const char* complaint) {
    const std::string_view word = Word();
    Integer value = 0;
    const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || at != word.data() + word.size() || value > max) Fail(complaint);
    return value;
  }
  // nil, a bare word, or a quoted text. What is seen stays valid until the next call.
  std::optional<std::string_view> Text() {
    if (!Begin()) return std::nullopt;
    if (rest_.starts_with('"')) return Quoted();
    const std::string_view word = Plain();
    if (word == kNilWord) return std::nullopt;
    for (const char c : word) {
      if (!IsBare(c)) Fail("a text with this character needs quotes");
    }
    return word;
  }
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }
  void Fail(const char* complaint) {
    if (complaint_ == nullptr) complaint_ = complaint;
    rest_ = {};
  }
  [[nodiscard]] const char* complaint() const { return complaint_; }

 private:
  bool Begin() {
    if (!first_) {
      if (!rest_.starts_with(' ')) {
        Fail(rest_.empty() ? "the line ends too early" : "a quoted text ends within a field");
        return false;
      }
      rest_.remove_prefix(1);
    }
    first_ = false;
    if (rest_.empty()) Fail("the line ends too early");
    return !rest_.empty();
  }
  std::string_view Plain() {
    const size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (word.empty()) Fail("a field is empty");
    return word;
  }
  std::string_view Quoted() {
    rest_.remove_prefix(1);
    const size_t plain = rest_.find_first_of("\"\\");
    if (plain != std::string_view::npos && rest_[plain] == '"') {
      const std::string_view text = rest_.substr(0, plain);
      rest_.remove_prefix(plain + 1);
      return text;
    }
    return Escaped();
  }
  std::string_view Escaped() {
    unescaped_.clear();
    for (size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return unescaped_;
      }
      if (rest_[i] != '\\') {
        unescaped_ += rest_[i];
      } else if (i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\')) {
        unescaped_ += rest_[++i];
      } else if (i + 3 < rest_.size() && rest_[i + 1] == 'x') {
        const size_t high = kHexDigits.find(rest_[i + 2]);
        const size_t low = kHexDigits.find(rest_[i + 3]);
        if (high == std::string_view::npos || low == std::string_view::npos) break;
        unescaped_ += static_cast<char>(high << 4 | low);
        i += 3;
      } else {
        break;
      }
    }
    Fail(R"(a quoted text has no end, or an escape other than \" \\ \xHH)");
    return {};
  }

  std::string_view rest_;
  std::string unescaped_;
  bool first_ = true;
  const char* complaint_ = nullptr;
};

std::optional<Action> ActionOf(std::string_view word) {
  if (word == "read") return Action::kRead;
  if (word == "write") return Action::kWrite;
  if (word == "cas") return Action::kCas;
  if (word == "cas-miss") return Action::kCasMiss;
  if (word == "append") return Action::kAppend;
  return std::nullopt;
}

ValueId ValueOf(Fields& fields, History& history) {
  const std::optional<std::string_view> text = fields.Text();
  return text.has_value() ? history.values.Intern(*text) : kNil;
}

void Times(Fields& fields, Operation& operation) {
  const auto called = fields.Number<uint64_t>(kTimeMax - 1, "the time of the call is no time");
  operation.called = PlaceOfCall(called);
  Fields ahead = fields;
  if (ahead.Word() == kUnknownWord) {
    fields = ahead;
    return;
  }
  const auto returned =
      fields.Number<uint64_t>(kTimeMax - 1, "the time of the return is no time and no '?'");
  if (returned < called) fields.Fail("the return is before the call");
  operation.returned = PlaceOfReturn(returned);
}

void PutText(const ValueTable& values, ValueId id, bool nil, std::string& out) {
  if (nil) {
    out += kNilWord;
    return;
  }
  const std::string_view text = values.text(id);
  bool bare = !text.empty() && text != kNilWord;
  for (const char c : text) bare &= IsBare(c);
  if (bare) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

absl::Status ParseTextLine(uint32_t line, std::string_view text, History& history) {
  if (text.empty() || text.front() == '#') return absl::OkStatus();
  Fields fields(text);
  Operation operation;
  operation.line = line;
  Times(fields, operation);
  operation.process = fields.Number<uint32_t>(UINT32_MAX, "the process is no number of 32 bits");
  const std::optional<std::string_view> key = fields.Text();
  if (fields.complaint() == nullptr && !key.has_value()) fields.Fail("nil is no key");
  operation.key = history.keys.Intern(key.value_or(""));
  const std::optional<Action> action = ActionOf(fields.Word());
  if (!action.has_value()) fields.Fail("the action is not read, write, cas, cas-miss or append");
  operation.action = action.value_or(Action::kRead);
  if (operation.action == Action::kCas || operation.action == Action::kCasMiss) {
    operation.expected = ValueOf(fields, history);
  }
  operation.value = ValueOf(fields, history);
  if (operation.action == Action::kAppend && operation.value == kNil) {
    fields.Fail("nil cannot be appended");
  }
  if (!fields.AtEnd()) fields.Fail("there is more behind the operation");
  if (fields.complaint() != nullptr) return AtLine(line, fields.complaint());
  history.operations.push_back(operation);
  return absl::OkStatus();
}

void AppendTextLine(const History& history, const Operation& operation, std::string& out) {
  out += std::to_string(TimeOf(operation.called));
  out += ' ';
  if (operation.returned == kNever) {
    out += kUnknownWord;
  } else {
    out += std::to_string(TimeOf(operation.returned));
  }
  out += ' ';
  out += std::to_string(operation.process);
  out += ' ';
  PutText(history.keys, operation.key, false, out);
  out += ' ';
  out += NameOf(operation.action);
  out += ' ';
  if (operation.action == Action::kCas || operation.action == Action::kCasMiss) {
    PutText(history.values, operation.expected, operation.expected == kNil, out);
    out += ' ';
  }
  PutText(history.values, operation.value, operation.value == kNil, out);
  out += '\n';
}

std::string EncodeText(const History& history) {
  std::string out(kTextHeader);
  out += '\n';
  for (const Operation& operation : history.operations) AppendTextLine(history, operation, out);
  return out;
}

}  // namespace quorate::sim::check
