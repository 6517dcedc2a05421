// SPDX-License-Identifier: Apache-2.0
// What the commands about the node ask of it: node::Shard implements this.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/commands/client.h"
#include "engine/commands/config_table.h"

namespace quorate::commands {

// The version of Redis whose commands, replies and errors these are; clients choose features by it.
inline constexpr std::string_view kRedisVersion = "7.0.15";

class Server {
 public:
  virtual ~Server() = default;

  [[nodiscard]] virtual Clocks clocks() const = 0;
  // CONFIG's names and values on this shard.
  [[nodiscard]] virtual const ConfigTable& config() const = 0;
  // Takes effect on every shard of the node. InvalidArgument with Redis's words where a name or
  // value is wrong (ConfigTable::Set gives them); then nothing was changed.
  virtual absl::Status ConfigSet(std::span<const ConfigChange> changes) = 0;
  virtual void ConfigResetStatistics() = 0;
  // INFO's fields of a section (lower case), as "field:value" without line ends, in order. Empty
  // for a section that does not exist or has nothing to say.
  [[nodiscard]] virtual std::vector<std::string> InfoSection(std::string_view section) const = 0;
  // Whether user and password are right; a password-less node accepts none.
  [[nodiscard]] virtual bool CheckPassword(std::string_view user,
                                           std::string_view password) const = 0;
  [[nodiscard]] virtual bool RequiresPassword() const = 0;
  // The clients of this shard, by id.
  virtual void ForEachClient(const std::function<void(Client&)>& visit) = 0;
  // Closes a client that is not the one whose command runs; replies still owed are dropped.
  virtual void CloseClient(Client& client) = 0;
  // The pool the client talks to: its name, and its levels where the client set none.
  [[nodiscard]] virtual std::string_view pool_name() const = 0;
  [[nodiscard]] virtual topology::Consistency read_consistency() const = 0;
  [[nodiscard]] virtual topology::Consistency write_consistency() const = 0;
};

}  // namespace quorate::commands
