// SPDX-License-Identifier: Apache-2.0
#include "io/http/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "io/http/limits.h"

namespace quorate::io {
namespace {

using State = HttpParse::State;
using ::testing::HasSubstr;

int StatusOf(std::string_view bytes) {
  const HttpParse parse = ParseHttp(bytes);
  return parse.state == State::kRefused ? parse.response.status : 0;
}

TEST(HttpMessage, ReadsARequestWithAQuery) {
  const HttpParse parse =
      ParseHttp("PUT /log%6cevel?level=debug&x=%20 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(parse.state, State::kComplete);
  EXPECT_EQ(parse.request.method, "PUT");
  EXPECT_EQ(parse.request.path, "/loglevel");
  EXPECT_EQ(parse.request.query.at("level"), "debug");
  EXPECT_EQ(parse.request.query.at("x"), " ");
}

TEST(HttpMessage, WaitsForTheEndOfTheHeaders) {
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t size = 0; size < request.size(); ++size) {
    EXPECT_EQ(ParseHttp(request.substr(0, size)).state, State::kIncomplete) << size;
  }
  EXPECT_EQ(ParseHttp(request).state, State::kComplete);
}

TEST(HttpMessage, RefusesWhatItDoesNotSpeak) {
  EXPECT_EQ(StatusOf("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("G3T / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET x HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET /%g1 HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET /%4 HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/2\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), 413);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"), 413);
  EXPECT_EQ(StatusOf("PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), 0);
}

TEST(HttpMessage, BoundsTheRequest) {
  EXPECT_EQ(StatusOf(std::string(kHttpRequestBytesMax, 'x')), 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (size_t i = 0; i <= kHttpHeadersMax; ++i) many += "a: b\r\n";
  EXPECT_EQ(StatusOf(many + "\r\n"), 431);
}

RC_GTEST_PROP(HttpMessage, GivesAnAnswerForAnyBytes, (const std::string& bytes)) {
  const HttpParse parse = ParseHttp(bytes + "\r\n\r\n");
  RC_ASSERT(parse.state != State::kIncomplete);
}

TEST(HttpMessage, WritesTheLengthButNoBodyForHead) {
  HttpResponse response;
  response.body = "12345";
  const std::string head = EncodeHttp(response, true);
  EXPECT_THAT(head, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_EQ(EncodeHttp(response, false), head + "12345");
}

}  // namespace
}  // namespace quorate::io
