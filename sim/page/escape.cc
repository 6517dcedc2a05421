// SPDX-License-Identifier: Apache-2.0
#include "sim/page/escape.h"

namespace quorate::sim {

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += (c < ' ' && c != '\n' && c != '\t') || c == '\x7f' ? '?' : c;
    }
  }
  return escaped;
}

}  // namespace quorate::sim
