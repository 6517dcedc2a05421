// SPDX-License-Identifier: Apache-2.0
// The admin server over real sockets on loopback.
#include "io/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "io/config/words.h"
#include "io/http/admin.h"
#include "io/http/limits.h"

namespace quorate::io {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

FileDescriptor Connect(const std::string& address) {
  FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(SplitAddress(address)->port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  return fd;
}

std::string ReadAll(const FileDescriptor& fd) {
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(fd.get(), buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

std::string Exchange(const std::string& address, std::string_view request) {
  const FileDescriptor fd = Connect(address);
  EXPECT_EQ(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  return ReadAll(fd);
}

class AdminServer : public ::testing::Test {
 protected:
  AdminServer() {
    AdminHooks hooks;
    hooks.metrics = [this]() -> std::optional<std::pair<std::string, std::string>> {
      if (!sink_renders_) return std::nullopt;
      return std::pair{std::string(page_), std::string("text/x")};
    };
    hooks.health = [this] { return health_; };
    hooks.readiness = [] { return Unavailable("loading"); };
    admin_ = std::make_unique<Admin>(hooks, logger_);
    server_ = *HttpServer::Start("127.0.0.1:0",
                                 [this](const HttpRequest& r) { return admin_->Handle(r); });
  }

  std::string Request(const std::string& line) {
    return Exchange(server_->address(), line + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  bool sink_renders_ = true;
  std::string page_ = "quorate_up 1\n";
  absl::Status health_;
  Logger logger_{LogStyle::kText, env::LogLevel::kInfo, [](std::string_view) {},
                 [] { return Clocks(); }};
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(AdminServer, ServesMetrics) {
  const std::string answer = Request("GET /metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/x\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nquorate_up 1\n"));
}

TEST_F(AdminServer, ServesALargePageWhole) {
  page_ = std::string(8 << 20, 'x');
  const std::string answer = Request("GET /metrics");
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + page_));
}

TEST_F(AdminServer, SaysWhereTheSinkPublishesElsewhere) {
  sink_renders_ = false;
  EXPECT_THAT(Request("GET /metrics"), HasSubstr("404 Not Found"));
}

TEST_F(AdminServer, TellsHealthAndReadinessWithTheirReasons) {
  EXPECT_THAT(Request("GET /healthz"), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(Request("HEAD /healthz"), StartsWith("HTTP/1.1 200 OK"));
  const std::string ready = Request("GET /readyz");
  EXPECT_THAT(ready, StartsWith("HTTP/1.1 503 Service Unavailable"));
  EXPECT_THAT(ready, HasSubstr("\r\n\r\nloading\n"));
}

TEST_F(AdminServer, ChangesTheLogLevel) {
  EXPECT_THAT(Request("PUT /loglevel?level=debug"), HasSubstr("\r\n\r\ndebug\n"));
  EXPECT_EQ(logger_.level(), env::LogLevel::kDebug);
  EXPECT_THAT(Request("GET /loglevel"), HasSubstr("\r\n\r\ndebug\n"));
  EXPECT_THAT(Request("PUT /loglevel?level=loud"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Request("PUT /loglevel"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Request("POST /loglevel?level=info"), HasSubstr("Allow: GET, PUT\r\n"));
  EXPECT_EQ(logger_.level(), env::LogLevel::kDebug);
}

TEST_F(AdminServer, RefusesOtherPathsAndMethods) {
  EXPECT_THAT(Request("GET /"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Request("POST /metrics"), StartsWith("HTTP/1.1 405"));
}

TEST_F(AdminServer, AnswersWhatIsNoHttpAndGoesOn) {
  EXPECT_THAT(Exchange(server_->address(), "*1\r\n$4\r\nPING\r\n\r\n"), StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(Exchange(server_->address(), std::string(100'000, 'x')), HasSubstr("431"));
  EXPECT_THAT(Request("GET /healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminServer, StopsWithIdleConnectionsOpen) {
  const FileDescriptor idle = Connect(server_->address());
  server_.reset();
  EXPECT_EQ(ReadAll(idle), "");
}

TEST_F(AdminServer, NamesAnAddressItCannotHave) {
  const auto second =
      HttpServer::Start(server_->address(), [](const HttpRequest&) { return HttpResponse(); });
  EXPECT_THAT(MessageOf(second.status()), HasSubstr("cannot listen on " + server_->address()));
}

}  // namespace
}  // namespace quorate::io
