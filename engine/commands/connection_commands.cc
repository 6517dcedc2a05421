// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/connection_commands.h"

#include <algorithm>
#include <limits>

#include "engine/commands/client.h"
#include "engine/commands/errors.h"
#include "engine/commands/limits.h"
#include "engine/commands/server.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr std::string_view kDefaultUser = "default";
constexpr std::string_view kWrongPassword =
    "WRONGPASS invalid username-password pair or user is disabled.";
constexpr int64_t kOldestProtocol = 2;
constexpr int64_t kNewestProtocol = 3;

// What HELLO asks for. Nothing is changed before all of it is known to be right.
struct HelloOptions {
  std::optional<uint8_t> protocol;
  std::optional<std::string_view> user;
  std::string_view password;
  std::optional<std::string_view> name;
};

// The error, empty where there is none.
Bytes ParseHello(Arguments args, HelloOptions& parsed) {
  if (args.size() > 1) {
    const auto version = keyspace::ParseInteger(args[1]);
    if (!version.has_value()) return "ERR Protocol version is not an integer or out of range";
    if (*version < kOldestProtocol || *version > kNewestProtocol) {
      return "NOPROTO unsupported protocol version";
    }
    parsed.protocol = static_cast<uint8_t>(*version);
  }
  for (size_t i = 2; i < args.size(); ++i) {
    const size_t left = args.size() - i - 1;
    if (IsWord(args[i], "auth") && left >= 2) {
      parsed.user = args[i + 1];
      parsed.password = args[i + 2];
      i += 2;
    } else if (IsWord(args[i], "setname") && left >= 1) {
      if (!IsClientName(args[++i])) return Bytes(kBadClientName);
      parsed.name = args[i];
    } else {
      return Concat({"ERR Syntax error in HELLO option '", args[i], "'"});
    }
  }
  return {};
}

bool LogIn(ConnectionContext& context, std::string_view user, std::string_view password) {
  // As long as no password is set the default user accepts any.
  const bool open = user == kDefaultUser && !context.server.RequiresPassword();
  if (!open && !context.server.CheckPassword(user, password)) {
    context.reply.Error(kWrongPassword);
    return false;
  }
  context.client.state.user = user;
  context.client.state.authenticated = true;
  return true;
}

void ReplyHello(ConnectionContext& context) {
  ReplySink& reply = context.reply;
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(context.client.state.protocol);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(context.client.id.value));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

}  // namespace

bool IsClientName(std::string_view name) {
  return name.size() <= kClientNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

ClientState InitialState(const Server& server) {
  ClientState state;
  state.authenticated = !server.RequiresPassword();
  return state;
}

void HandlePing(ConnectionContext& context) {
  if (context.args.size() > 2) return context.reply.Error(WrongArityError({.name = "ping"}));
  if (context.args.size() == 2) return context.reply.Bulk(context.args[1]);
  context.reply.Simple("PONG");
}

void HandleEcho(ConnectionContext& context) { context.reply.Bulk(context.args[1]); }

void HandleHello(ConnectionContext& context) {
  HelloOptions options;
  const Bytes error = ParseHello(context.args, options);
  if (!error.empty()) return context.reply.Error(error);
  if (options.user.has_value() && !LogIn(context, *options.user, options.password)) return;
  ClientState& state = context.client.state;
  if (!state.authenticated && context.server.RequiresPassword()) {
    return context.reply.Error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
        "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the "
        "RESP protocol version at the same time");
  }
  if (options.name.has_value()) state.name = *options.name;
  if (options.protocol.has_value()) state.protocol = *options.protocol;
  ReplyHello(context);
}

void HandleAuth(ConnectionContext& context) {
  const Arguments args = context.args;
  if (args.size() > 3) return context.reply.Error(errors::kSyntax);
  if (args.size() == 2 && !context.server.RequiresPassword()) {
    return context.reply.Error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  }
  const std::string_view user = args.size() == 2 ? kDefaultUser : args[1];
  if (LogIn(context, user, args.back())) context.reply.Simple("OK");
}

void HandleSelect(ConnectionContext& context) {
  const auto index = keyspace::ParseInteger(context.args[1]);
  if (!index.has_value()) return context.reply.Error(errors::kNotInteger);
  if (*index < std::numeric_limits<int32_t>::min() ||
      *index > std::numeric_limits<int32_t>::max()) {
    return context.reply.Error(
        "ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  if (*index != 0) return context.reply.Error("ERR DB index is out of range");
  context.reply.Simple("OK");
}

void HandleQuit(ConnectionContext& context) {
  context.client.state.close_after_reply = true;
  context.reply.Simple("OK");
}

void HandleReset(ConnectionContext& context) {
  context.client.state = InitialState(context.server);
  context.reply.Simple("RESET");
}

void HandleWait(ConnectionContext& context) {
  if (!keyspace::ParseInteger(context.args[1]).has_value()) {
    return context.reply.Error(errors::kNotInteger);
  }
  const auto timeout = keyspace::ParseInteger(context.args[2]);
  if (!timeout.has_value()) {
    return context.reply.Error("ERR timeout is not an integer or out of range");
  }
  if (*timeout < 0) return context.reply.Error("ERR timeout is negative");
  context.reply.Integer(0);
}

}  // namespace quorate::commands
