// SPDX-License-Identifier: Apache-2.0
// Which clients CLIENT LIST and CLIENT KILL are about.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/commands/client.h"
#include "engine/commands/command.h"

namespace quorate::commands {

class ClientFilter {
 public:
  // The options after LIST: TYPE type, ID id ... The error, empty where there is none.
  [[nodiscard]] Bytes ParseList(Arguments options);
  // The options after KILL in its new form: ID, TYPE, USER, ADDR, LADDR, SKIPME.
  [[nodiscard]] Bytes ParseKill(Arguments options);

  [[nodiscard]] bool Matches(const Client& client) const;
  // False: KILL may close the client that asks, too.
  [[nodiscard]] bool skips_caller() const { return skips_caller_; }

 private:
  [[nodiscard]] Bytes TakeType(std::string_view type);
  [[nodiscard]] Bytes TakeKillOption(std::string_view option, std::string_view value);

  std::vector<ClientId> ids_;  // empty: any
  std::optional<std::string_view> address_;
  std::optional<std::string_view> local_address_;
  std::optional<std::string_view> user_;
  bool none_ = false;  // a type of which there are no clients
  bool skips_caller_ = true;
};

}  // namespace quorate::commands
