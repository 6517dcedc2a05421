// SPDX-License-Identifier: Apache-2.0
// As much of HTTP/1.1 [RFC 9112] as an admin server needs: one request without a body, one answer,
// then the connection closes.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace quorate::io {

struct HttpRequest {
  std::string method;
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // decoded
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  // the methods that a 405 names
};

struct HttpParse {
  enum class State { kIncomplete, kComplete, kRefused };
  State state = State::kIncomplete;
  HttpRequest request;    // where complete
  HttpResponse response;  // where refused
};

// Reads the bytes received so far. Never needs more than kHttpRequestBytesMax of them.
[[nodiscard]] HttpParse ParseHttp(std::string_view bytes);

// The answer as bytes; without its body for a HEAD request.
[[nodiscard]] std::string EncodeHttp(const HttpResponse& response, bool head_only);

}  // namespace quorate::io
