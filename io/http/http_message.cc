// SPDX-License-Identifier: Apache-2.0
#include "io/http/http_message.h"

#include <algorithm>
#include <optional>

#include "engine/base/status.h"
#include "io/http/limits.h"

namespace quorate::io {
namespace {

HttpParse Refused(int status, std::string_view reason) {
  HttpParse parse;
  parse.state = HttpParse::State::kRefused;
  parse.response.status = status;
  parse.response.body = std::string(reason) + "\n";
  return parse;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

bool ParseQuery(std::string_view text, std::map<std::string, std::string>& query) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const size_t equals = std::min(pair.find('='), pair.size());
    const auto name = Decode(pair.substr(0, equals));
    const auto value = Decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return false;
    query[*name] = *value;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool IsToken(std::string_view text) {
  const auto good = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), good);
}

// Nothing where the line is a request that can be served.
std::optional<HttpParse> ParseRequestLine(std::string_view line, HttpRequest& request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Refused(400, "no HTTP request");
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/1.")) return Refused(505, "HTTP/1.1 is spoken here");
  if (!IsToken(line.substr(0, first))) return Refused(400, "no HTTP method");
  request.method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!target.starts_with("/") || target.find(' ') != std::string_view::npos) {
    return Refused(400, "the target is no path");
  }
  const size_t mark = std::min(target.find('?'), target.size());
  const auto path = Decode(target.substr(0, mark));
  if (!path || !ParseQuery(target.substr(std::min(mark + 1, target.size())), request.query)) {
    return Refused(400, "the target is badly encoded");
  }
  request.path = *path;
  return std::nullopt;
}

bool SameName(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<HttpParse> CheckHeader(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' ||
      line.front() == '\t') {
    return Refused(400, "a header is malformed");
  }
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  // curl -X PUT sends no body and no length; other clients say 0.
  if (SameName(name, "content-length") && value != "0") return Refused(413, "no body is taken");
  if (SameName(name, "transfer-encoding")) return Refused(413, "no body is taken");
  return std::nullopt;
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

}  // namespace

HttpParse ParseHttp(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || end + 4 > kHttpRequestBytesMax) {
    if (bytes.size() < kHttpRequestBytesMax && end == std::string_view::npos) return {};
    return Refused(431, "the request is too long");
  }
  std::string_view head = bytes.substr(0, end + 2);
  HttpParse parse;
  size_t lines = 0;
  while (!head.empty()) {
    const size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    if (lines > kHttpHeadersMax) return Refused(431, "too many headers");
    const auto refused = lines == 0 ? ParseRequestLine(line, parse.request) : CheckHeader(line);
    if (refused) return *refused;
    ++lines;
    head.remove_prefix(line_end + 2);
  }
  parse.state = HttpParse::State::kComplete;
  return parse;
}

std::string EncodeHttp(const HttpResponse& response, bool head_only) {
  std::string text =
      Format("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n", response.status,
             std::string(ReasonOf(response.status)), response.content_type, response.body.size());
  if (!response.allow.empty()) text += "Allow: " + response.allow + "\r\n";
  text += "Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n";
  if (!head_only) text += response.body;
  return text;
}

}  // namespace quorate::io
