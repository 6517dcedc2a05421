// SPDX-License-Identifier: Apache-2.0
// Writes a reply as one line: +OK, -ERR words, 5, "bytes", nil, [a, b], {name: value}, ~[set].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/commands/reply.h"

namespace quorate::commands {

class ReplyPrinter final : public ReplySink {
 public:
  void Simple(std::string_view text) override { Element("+" + std::string(text)); }
  void Error(std::string_view text) override { Element("-" + std::string(text)); }
  void Integer(int64_t value) override { Element(std::to_string(value)); }
  void Bulk(std::string_view bytes) override { Element(Quote(bytes)); }
  void Null() override { Element("nil"); }
  void NullArray() override { Element("nil"); }
  void Double(double value) override { Element("," + std::to_string(value)); }
  void Bool(bool value) override { Element(value ? "#t" : "#f"); }
  void Verbatim(std::string_view text) override { Element("=" + Quote(text)); }
  void Array(size_t size) override { Begin("[", "]", size, false); }
  void Map(size_t size) override { Begin("{", "}", 2 * size, true); }
  void Set(size_t size) override { Begin("~[", "]", size, false); }
  void Pairs(size_t size) override { Array(size); }
  void Pair() override { Array(2); }

  [[nodiscard]] const std::string& text() const { return text_; }
  // True where every array got its elements, and there was one reply.
  [[nodiscard]] bool complete() const { return open_.empty() && elements_ == 1; }

 private:
  struct Open {
    std::string close;
    size_t size;
    size_t written;
    bool map;
  };

  static std::string Quote(std::string_view bytes) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') out.push_back('\\');
      if (byte >= 0x20 && byte < 0x7f) {
        out.push_back(c);
      } else {
        out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      }
    }
    return out + "\"";
  }
  void Before() {
    if (open_.empty()) {
      if (elements_++ > 0) text_ += " | ";
      return;
    }
    Open& open = open_.back();
    if (open.written > 0) text_ += open.map && open.written % 2 == 1 ? ": " : ", ";
    ++open.written;
  }
  void After() {
    while (!open_.empty() && open_.back().written == open_.back().size) {
      text_ += open_.back().close;
      open_.pop_back();
    }
  }
  void Element(const std::string& text) {
    Before();
    text_ += text;
    After();
  }
  void Begin(const std::string& open, const std::string& close, size_t size, bool map) {
    Before();
    text_ += open;
    open_.push_back({close, size, 0, map});
    After();
  }

  std::string text_;
  std::vector<Open> open_;
  size_t elements_ = 0;
};

}  // namespace quorate::commands
