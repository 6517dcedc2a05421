// SPDX-License-Identifier: Apache-2.0
#include "io/http/admin.h"

namespace quorate::io {
namespace {

HttpResponse Text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body) + "\n";
  return response;
}

HttpResponse NotAllowed(std::string allow) {
  HttpResponse response = Text(405, "use " + allow);
  response.allow = std::move(allow);
  return response;
}

HttpResponse Judge(const absl::Status& status) {
  return status.ok() ? Text(200, "ok") : Text(503, MessageOf(status));
}

}  // namespace

std::optional<env::LogLevel> ParseLogLevel(std::string_view name) {
  for (const env::LogLevel level : {env::LogLevel::kDebug, env::LogLevel::kInfo,
                                    env::LogLevel::kWarning, env::LogLevel::kError}) {
    if (NameOf(level) == name) return level;
  }
  return std::nullopt;
}

HttpResponse Admin::Handle(const HttpRequest& request) const {
  if (request.path == "/loglevel") return LogLevel(request);
  const bool known =
      request.path == "/metrics" || request.path == "/healthz" || request.path == "/readyz";
  if (!known) return Text(404, "there are /metrics, /healthz, /readyz and /loglevel");
  if (request.method != "GET") return NotAllowed("GET");
  if (request.path == "/metrics") return Metrics();
  return Judge(request.path == "/healthz" ? hooks_.health() : hooks_.readiness());
}

HttpResponse Admin::Metrics() const {
  auto page = hooks_.metrics();
  if (!page) return Text(404, "this node's metrics sink publishes elsewhere");
  HttpResponse response;
  response.body = std::move(page->first);
  response.content_type = std::move(page->second);
  return response;
}

HttpResponse Admin::LogLevel(const HttpRequest& request) const {
  if (request.method == "GET") return Text(200, std::string(NameOf(logger_.level())));
  if (request.method != "PUT") return NotAllowed("GET, PUT");
  const auto wanted = request.query.find("level");
  const auto level = wanted == request.query.end() ? std::nullopt : ParseLogLevel(wanted->second);
  if (!level) return Text(400, "level is one of debug, info, warning, error");
  logger_.SetLevel(*level);
  return Text(200, std::string(NameOf(*level)));
}

}  // namespace quorate::io
