// SPDX-License-Identifier: Apache-2.0
#include "sim/page/json.h"

#include <array>

namespace quorate::sim {

void Json::Separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

Json& Json::Begin(char bracket) {
  Separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

Json& Json::End(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

Json& Json::Key(std::string_view name) {
  Separate();
  Quote(name);
  text_ += ':';
  first_ = true;
  return *this;
}

Json& Json::Text(std::string_view text) {
  Separate();
  Quote(text);
  return *this;
}

Json& Json::Number(uint64_t number) {
  Separate();
  text_ += std::to_string(number);
  return *this;
}

Json& Json::Signed(int64_t number) {
  Separate();
  text_ += std::to_string(number);
  return *this;
}

// Bytes that are no letters of ASCII are taken for those of Latin-1: keys and values may be any.
void Json::Quote(std::string_view text) {
  constexpr std::array<char, 16> kDigits = {'0', '1', '2', '3', '4', '5', '6', '7',
                                            '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  text_ += '"';
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte >= 0x20 && byte < 0x7f && letter != '"' && letter != '\\' && letter != '<') {
      text_ += letter;
      continue;
    }
    text_ += "\\u00";
    text_ += kDigits[byte >> 4];
    text_ += kDigits[byte & 15];
  }
  text_ += '"';
}

}  // namespace quorate::sim
