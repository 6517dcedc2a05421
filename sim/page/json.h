// SPDX-License-Identifier: Apache-2.0
// Writes JSON that may stand inside of an HTML page: no byte of it can end the element it is in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quorate::sim {

class Json {
 public:
  Json& Begin(char bracket);
  Json& End(char bracket);
  Json& Key(std::string_view name);
  Json& Text(std::string_view text);
  Json& Number(uint64_t number);
  Json& Signed(int64_t number);
  [[nodiscard]] std::string Take() { return std::move(text_); }
  [[nodiscard]] size_t size() const { return text_.size(); }

 private:
  void Separate();
  void Quote(std::string_view text);

  std::string text_;
  bool first_ = true;
};

}  // namespace quorate::sim
