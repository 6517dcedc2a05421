// SPDX-License-Identifier: Apache-2.0
// What the admin server serves:
//   GET /metrics             the node's measurements, as its metrics sink renders them
//   GET /healthz             200 while the node can serve, 503 with the reason once it cannot
//   GET /readyz              200 once it is loaded and serves; 503 before and while it stops
//   GET /loglevel            the level of the log
//   PUT /loglevel?level=L    changes it
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "io/http/http_message.h"
#include "io/log/logger.h"

namespace quorate::io {

// What the answers are made of. Called on the server's thread.
struct AdminHooks {
  // Text and content type; nothing where the sink publishes elsewhere.
  std::function<std::optional<std::pair<std::string, std::string>>()> metrics;
  std::function<absl::Status()> health;
  std::function<absl::Status()> readiness;
};

class Admin {
 public:
  // `logger` outlives it.
  Admin(AdminHooks hooks, Logger& logger) : hooks_(std::move(hooks)), logger_(logger) {}
  [[nodiscard]] HttpResponse Handle(const HttpRequest& request) const;

 private:
  [[nodiscard]] HttpResponse Metrics() const;
  [[nodiscard]] HttpResponse LogLevel(const HttpRequest& request) const;

  const AdminHooks hooks_;
  Logger& logger_;
};

[[nodiscard]] std::optional<env::LogLevel> ParseLogLevel(std::string_view name);

}  // namespace quorate::io
