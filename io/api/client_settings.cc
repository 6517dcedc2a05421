// SPDX-License-Identifier: Apache-2.0
#include "io/api/client_settings.h"

#include "io/net/address.h"

namespace quorate::api {
namespace {

std::string_view RedisNameOf(env::LogLevel level) {
  switch (level) {
    case env::LogLevel::kDebug:
      return "debug";
    case env::LogLevel::kInfo:
      return "notice";
    case env::LogLevel::kWarning:
    case env::LogLevel::kError:
      return "warning";
  }
  return "notice";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ClientSettingsOf(const io::NodeConfig& config) {
  std::vector<std::pair<std::string, std::string>> settings;
  settings.emplace_back("loglevel", RedisNameOf(config.log_level));
  settings.emplace_back("dir", config.data);
  if (config.pools.size() != 1) return settings;
  const io::PoolConfig& pool = config.pools.front();
  const size_t colon = pool.listen.rfind(':');
  if (io::IsUnixAddress(pool.listen)) {
    settings.emplace_back("port", "0");
    settings.emplace_back("unixsocket", pool.listen.substr(colon + 1));
    return settings;
  }
  settings.emplace_back("bind", pool.listen.substr(0, colon));
  settings.emplace_back("port", pool.tls ? "0" : pool.listen.substr(colon + 1));
  if (pool.tls) settings.emplace_back("tls-port", pool.listen.substr(colon + 1));
  return settings;
}

env::LogLevel LogLevelOf(const commands::ConfigTable& config) {
  if (config.log_level() == "notice") return env::LogLevel::kInfo;
  if (config.log_level() == "warning") return env::LogLevel::kWarning;
  return env::LogLevel::kDebug;
}

}  // namespace quorate::api
