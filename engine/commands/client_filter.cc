// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/client_filter.h"

#include <algorithm>

#include "engine/commands/errors.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

std::optional<ClientId> ParseClientId(std::string_view text) {
  const auto number = keyspace::ParseInteger(text);
  if (!number.has_value() || *number < 1) return std::nullopt;
  return ClientId{static_cast<uint64_t>(*number)};
}

}  // namespace

Bytes ClientFilter::TakeType(std::string_view type) {
  if (IsWord(type, "normal")) return {};
  none_ = true;  // nobody replicates from, or subscribes to, a node of quorate
  if (IsWord(type, "master") || IsWord(type, "replica") || IsWord(type, "slave") ||
      IsWord(type, "pubsub")) {
    return {};
  }
  return Concat({"ERR Unknown client type '", type, "'"});
}

Bytes ClientFilter::ParseList(Arguments options) {
  if (options.empty()) return {};
  if (options.size() == 2 && IsWord(options[0], "type")) return TakeType(options[1]);
  if (options.size() < 2 || !IsWord(options[0], "id")) return Bytes(errors::kSyntax);
  for (const std::string_view text : options.subspan(1)) {
    const auto id = ParseClientId(text);
    if (!id.has_value()) return "ERR Invalid client ID";
    ids_.push_back(*id);
  }
  return {};
}

Bytes ClientFilter::TakeKillOption(std::string_view option, std::string_view value) {
  if (IsWord(option, "id")) {
    const auto id = ParseClientId(value);
    if (!id.has_value()) return "ERR client-id should be greater than 0";
    ids_.assign(1, *id);
  } else if (IsWord(option, "type")) {
    return TakeType(value);
  } else if (IsWord(option, "addr")) {
    address_ = value;
  } else if (IsWord(option, "laddr")) {
    local_address_ = value;
  } else if (IsWord(option, "user")) {
    if (value != "default") return Concat({"ERR No such user '", value, "'"});
    user_ = value;
  } else if (IsWord(option, "skipme") && (IsWord(value, "yes") || IsWord(value, "no"))) {
    skips_caller_ = IsWord(value, "yes");
  } else {
    return Bytes(errors::kSyntax);
  }
  return {};
}

Bytes ClientFilter::ParseKill(Arguments options) {
  for (size_t i = 0; i < options.size(); i += 2) {
    if (i + 1 == options.size()) return Bytes(errors::kSyntax);
    Bytes error = TakeKillOption(options[i], options[i + 1]);
    if (!error.empty()) return error;
  }
  return {};
}

bool ClientFilter::Matches(const Client& client) const {
  if (none_) return false;
  if (!ids_.empty() && std::find(ids_.begin(), ids_.end(), client.id) == ids_.end()) return false;
  if (address_.has_value() && *address_ != client.address) return false;
  if (local_address_.has_value() && *local_address_ != client.local_address) return false;
  return !user_.has_value() || *user_ == client.state.user;
}

}  // namespace quorate::commands
