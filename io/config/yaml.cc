// SPDX-License-Identifier: Apache-2.0
#include "io/config/yaml.h"

#include <yaml-cpp/yaml.h>

#include <exception>
#include <set>
#include <string>

#include "engine/base/status.h"
#include "io/config/limits.h"

namespace quorate::io {
namespace {

class Converter {
 public:
  Converter(std::string_view source, std::vector<Problem>& problems)
      : source_(source), problems_(problems) {}

  Value Convert(const YAML::Node& node, int depth) {
    Value value;
    value.position = At(node.Mark());
    if (Exceeds(depth, value.position)) return value;
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        value.kind = Value::Kind::kScalar;
        value.scalar = node.Scalar();
        break;
      case YAML::NodeType::Sequence:
        value.kind = Value::Kind::kList;
        for (const YAML::Node& item : node) value.items.push_back(Convert(item, depth + 1));
        break;
      case YAML::NodeType::Map:
        value.kind = Value::Kind::kMap;
        ConvertMap(node, depth, value);
        break;
    }
    return value;
  }

  Position At(const YAML::Mark& mark) const {
    if (mark.is_null()) return {source_, 1, 1};
    return {source_, mark.line + 1, mark.column + 1};
  }

 private:
  bool Exceeds(int depth, const Position& position) {
    if (stopped_) return true;
    if (depth > kConfigDepthMax) {
      problems_.push_back({position, Format("nested deeper than %d levels", kConfigDepthMax)});
    } else if (++values_ > kConfigValuesMax) {
      problems_.push_back({position, Format("more than %d values", kConfigValuesMax)});
    } else {
      return false;
    }
    stopped_ = true;
    return true;
  }

  void ConvertMap(const YAML::Node& node, int depth, Value& value) {
    std::set<std::string> seen;
    for (const auto& pair : node) {
      const Position position = At(pair.first.Mark());
      if (!pair.first.IsScalar()) {
        problems_.push_back({position, "a name is expected here, not a list or a map"});
        continue;
      }
      const std::string& key = pair.first.Scalar();
      if (!seen.insert(key).second) {
        problems_.push_back(
            {position, "'" + key.substr(0, kQuotedBytesMax) + "' is set twice in this map"});
        continue;
      }
      value.entries.push_back({key, position, Convert(pair.second, depth + 1)});
    }
  }

  const std::string source_;
  std::vector<Problem>& problems_;
  size_t values_ = 0;
  bool stopped_ = false;
};

}  // namespace

Value ParseYaml(std::string_view text, std::string_view source, std::vector<Problem>& problems) {
  const Position start{std::string(source), 1, 1};
  if (text.size() > kConfigBytesMax) {
    problems.push_back({start, Format("the configuration has %d bytes; %d are allowed", text.size(),
                                      kConfigBytesMax)});
    return MapValue(start);
  }
  Converter converter(source, problems);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      problems.push_back({converter.At(documents[1].Mark()), "one YAML document is expected"});
    }
    if (documents.empty() || documents[0].IsNull()) return MapValue(start);
    return converter.Convert(documents[0], 1);
  } catch (const YAML::Exception& error) {
    problems.push_back({converter.At(error.mark), "not YAML: " + error.msg});
  } catch (const std::exception& error) {
    problems.push_back({start, std::string("not YAML: ") + error.what()});
  }
  return MapValue(start);
}

}  // namespace quorate::io
