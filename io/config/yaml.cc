// SPDX-License-Identifier: Apache-2.0
#include "io/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <set>
#include <sstream>
#include <string>

#include "engine/base/status.h"
#include "io/config/limits.h"
#include "io/config/words.h"

namespace quorate::io {
namespace {

// Builds the tree from the parser's events. After the first thing that makes the rest meaningless
// it takes no more.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view source, std::vector<Problem>& problems)
      : source_(source), problems_(problems) {}

  [[nodiscard]] Position At(const YAML::Mark& mark) const {
    if (mark.is_null()) return {source_, 1, 1};
    return {source_, mark.line + 1, mark.column + 1};
  }
  // Null where there was no document.
  [[nodiscard]] Value TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckAnchor(mark, anchor);
    Add(mark, Value());
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Stop(mark, "anchors and aliases are not read here");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    CheckAnchor(mark, anchor);
    // A plain scalar that YAML calls null arrives as text.
    const bool plain = tag == "?";
    const bool null = plain && (text.empty() || text == "~" || text == "null");
    Add(mark, null ? Value() : ScalarValue(text, At(mark)));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    CheckAnchor(mark, anchor);
    Open(mark, Value::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    CheckAnchor(mark, anchor);
    Open(mark, Value::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    Value value;
    bool has_key = false;  // of a map: its next value belongs to `key`
    bool drop = false;     // that value is not wanted: its key was refused
    std::string key;
    Position key_position;
    std::set<std::string> seen;  // keys of a map
  };

  void Stop(const YAML::Mark& mark, std::string reason) {
    if (!stopped_) problems_.push_back({At(mark), std::move(reason)});
    stopped_ = true;
  }

  void CheckAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) Stop(mark, "anchors and aliases are not read here");
  }

  void Open(const YAML::Mark& mark, Value::Kind kind) {
    if (stopped_) return;
    if (levels_.size() >= static_cast<size_t>(kConfigDepthMax)) {
      return Stop(mark, Format("nested deeper than %d levels", kConfigDepthMax));
    }
    Level& level = levels_.emplace_back();
    level.value.kind = kind;
    level.value.position = At(mark);
  }

  void Close() {
    if (stopped_) return;
    Value value = std::move(levels_.back().value);
    levels_.pop_back();
    Place(std::move(value));
  }

  void Add(const YAML::Mark& mark, Value value) {
    if (stopped_) return;
    if (++values_ > kConfigValuesMax) {
      return Stop(mark, Format("more than %d values", kConfigValuesMax));
    }
    value.position = At(mark);
    Place(std::move(value));
  }

  // Puts a finished value where it belongs: the root, an item, a key, or the value of a key.
  void Place(Value value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    Level& level = levels_.back();
    if (level.value.kind == Value::Kind::kList) {
      level.value.items.push_back(std::move(value));
    } else if (!level.has_key) {
      TakeKey(level, value);
    } else {
      level.has_key = false;
      if (level.drop) return;
      level.value.entries.push_back({level.key, level.key_position, std::move(value)});
    }
  }

  void TakeKey(Level& level, const Value& key) {
    level.has_key = true;
    level.drop = true;
    if (key.kind != Value::Kind::kScalar) {
      problems_.push_back({key.position, "a name is expected here, not a list or a map"});
    } else if (!level.seen.insert(key.scalar).second) {
      problems_.push_back({key.position, Quoted(key.scalar) + " is set twice in this map"});
    } else {
      level.drop = false;
      level.key = key.scalar;
      level.key_position = key.position;
    }
  }

  const std::string source_;
  std::vector<Problem>& problems_;
  Value root_;
  std::vector<Level> levels_;
  size_t values_ = 0;
  bool stopped_ = false;
};

// Where the first control character stands, or the end. YAML has none, and the parser below is not
// safe with all of them.
size_t FindControl(std::string_view text) {
  const auto control = [](char c) {
    const uint8_t byte = static_cast<uint8_t>(c);
    return (byte < ' ' && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
  };
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), control) - text.begin());
}

Position PositionIn(std::string_view text, size_t offset, const Position& start) {
  Position position = start;
  for (const char c : text.substr(0, offset)) {
    ++position.column;
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    }
  }
  return position;
}

void Parse(std::string_view text, TreeBuilder& builder, std::vector<Problem>& problems) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  parser.HandleNextDocument(builder);
  // Asked once only: for some bytes the parser finds empty documents for ever.
  std::vector<Problem> ignored;
  TreeBuilder second("", ignored);
  if (parser.HandleNextDocument(second)) {
    problems.push_back({builder.At(YAML::Mark()), "one YAML document is expected"});
  }
}

}  // namespace

Value ParseYaml(std::string_view text, std::string_view source, std::vector<Problem>& problems) {
  const Position start{std::string(source), 1, 1};
  const size_t control = FindControl(text);
  if (text.size() > kConfigBytesMax) {
    problems.push_back({start, Format("the configuration has %d bytes; %d are allowed", text.size(),
                                      kConfigBytesMax)});
    return MapValue(start);
  }
  if (control != text.size()) {
    problems.push_back({PositionIn(text, control, start), "not YAML: a control character"});
    return MapValue(start);
  }
  TreeBuilder builder(source, problems);
  try {
    Parse(text, builder, problems);
  } catch (const YAML::Exception& error) {
    problems.push_back({builder.At(error.mark), "not YAML: " + error.msg});
    return MapValue(start);
  } catch (const std::exception& error) {
    problems.push_back({start, std::string("not YAML: ") + error.what()});
    return MapValue(start);
  }
  Value root = builder.TakeRoot();
  return root.kind == Value::Kind::kNull ? MapValue(start) : root;
}

}  // namespace quorate::io
