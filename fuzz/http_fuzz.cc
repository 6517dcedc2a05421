// SPDX-License-Identifier: Apache-2.0
// What comes to the admin server, in one piece and byte by byte: judged the same as soon as it is
// judged at all, and never for want of more than the limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "io/http/http_message.h"
#include "io/http/limits.h"

namespace quorate::io {
namespace {

void CheckSame(const HttpParse& parse, const HttpParse& other) {
  QUORATE_CHECK(parse.state == other.state);
  QUORATE_CHECK(parse.request.method == other.request.method);
  QUORATE_CHECK(parse.request.path == other.request.path);
  QUORATE_CHECK(parse.request.query == other.request.query);
  QUORATE_CHECK(parse.response.status == other.response.status);
  QUORATE_CHECK(parse.response.body == other.response.body);
}

void Check(std::string_view bytes) {
  const HttpParse whole = ParseHttp(bytes);
  if (whole.state == HttpParse::State::kIncomplete) {
    QUORATE_CHECK(bytes.size() < kHttpRequestBytesMax);
    return;
  }
  if (whole.state == HttpParse::State::kComplete) {
    QUORATE_CHECK(!whole.request.method.empty() && whole.request.path.starts_with("/"));
  } else {
    QUORATE_CHECK(whole.response.status >= 400 && !whole.response.body.empty());
    QUORATE_CHECK(EncodeHttp(whole.response, false).starts_with("HTTP/1.1 "));
  }
  const size_t most = std::min(bytes.size(), kHttpRequestBytesMax);
  for (size_t size = 0; size <= most; ++size) {
    const HttpParse parse = ParseHttp(bytes.substr(0, size));
    if (parse.state == HttpParse::State::kIncomplete) continue;
    return CheckSame(parse, whole);
  }
  QUORATE_CHECK(false);  // judged by what is not there
}

}  // namespace
}  // namespace quorate::io

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  quorate::io::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
