// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/hash_tag.h"

namespace quorate::hash {

std::string_view HashedPart(std::string_view key, HashTag tag) {
  if (tag.rule == HashTag::Rule::kNone) return key;
  const size_t open = key.find(tag.open);
  if (open == std::string_view::npos) return key;
  const size_t close = key.find(tag.close, open + 1);
  if (close == std::string_view::npos) return key;
  if (close == open + 1 && tag.rule == HashTag::Rule::kRedisCluster) return key;
  return key.substr(open + 1, close - open - 1);
}

absl::StatusOr<HashTag> ParseHashTag(std::string_view text) {
  if (text.empty()) return HashTag::None();
  if (text == "{}") return HashTag::RedisCluster();
  if (text.size() == 2) return HashTag::Dynomite(text[0], text[1]);
  return InvalidArgument("a hash tag is two characters, such as {}, or empty; this is '" +
                         std::string(text) + "'");
}

std::string NameOf(HashTag tag) {
  return tag.rule == HashTag::Rule::kNone ? std::string() : std::string{tag.open, tag.close};
}

}  // namespace quorate::hash
