// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/client_commands.h"

#include <vector>

#include "engine/commands/client.h"
#include "engine/commands/client_filter.h"
#include "engine/commands/connection_commands.h"
#include "engine/commands/errors.h"
#include "engine/commands/help.h"
#include "engine/commands/server.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr size_t kFirstOption = 2;

int64_t SecondsSince(Instant then, Instant now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now - then).count();
}

// One line of CLIENT LIST. Fields that have no meaning here say what Redis says where there is
// nothing.
Bytes Describe(const Client& client, const Server& server, std::string_view command) {
  const Instant now = server.clocks().monotonic;
  const ClientBuffers buffers = client.buffers();
  const auto bytes = [](size_t count) { return ToDecimal(static_cast<int64_t>(count)); };
  return Concat({"id=",
                 ToDecimal(static_cast<int64_t>(client.id.value)),
                 " addr=",
                 client.address,
                 " laddr=",
                 client.local_address,
                 " fd=-1 name=",
                 client.state.name,
                 " age=",
                 ToDecimal(SecondsSince(client.connected_at, now)),
                 " idle=",
                 ToDecimal(SecondsSince(client.active_at, now)),
                 " flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=",
                 bytes(buffers.input),
                 " qbuf-free=",
                 bytes(buffers.input_free),
                 " argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=",
                 bytes(buffers.output),
                 " oll=0 omem=0 tot-mem=",
                 bytes(buffers.input + buffers.input_free + buffers.output),
                 " events=r cmd=",
                 command,
                 " user=",
                 client.state.user,
                 " redir=-1 resp=",
                 ToDecimal(client.state.protocol),
                 " lib-name=",
                 client.state.library_name,
                 " lib-ver=",
                 client.state.library_version,
                 "\n"});
}

Bytes DescribeOther(const Client& client, const Server& server) {
  return Describe(client, server,
                  client.last_command == nullptr ? "NULL" : client.last_command->name);
}

void ReplyOnOff(ConnectionContext& context) {
  if (!IsWord(context.args[2], "on") && !IsWord(context.args[2], "off")) {
    return context.reply.Error(errors::kSyntax);
  }
  context.reply.Simple("OK");
}

// Closes whom the filter names and returns how many those are.
int64_t Kill(ConnectionContext& context, const ClientFilter& filter) {
  std::vector<Client*> victims;
  context.server.ForEachClient([&](Client& client) {
    const bool caller = &client == &context.client;
    if (filter.Matches(client) && !(caller && filter.skips_caller())) victims.push_back(&client);
  });
  for (Client* victim : victims) {
    // The one that asks hears the answer first.
    if (victim == &context.client) {
      victim->state.close_after_reply = true;
    } else {
      context.server.CloseClient(*victim);
    }
  }
  return static_cast<int64_t>(victims.size());
}

}  // namespace

void HandleClientId(ConnectionContext& context) {
  context.reply.Integer(static_cast<int64_t>(context.client.id.value));
}

void HandleClientSetName(ConnectionContext& context) {
  if (!IsClientName(context.args[2])) return context.reply.Error(kBadClientName);
  context.client.state.name = context.args[2];
  context.reply.Simple("OK");
}

void HandleClientGetName(ConnectionContext& context) {
  const std::string& name = context.client.state.name;
  if (name.empty()) return context.reply.Null();
  context.reply.Bulk(name);
}

void HandleClientSetInfo(ConnectionContext& context) {
  const std::string_view attribute = context.args[2];
  const std::string_view value = context.args[3];
  const bool is_name = IsWord(attribute, "lib-name");
  if (!is_name && !IsWord(attribute, "lib-ver")) {
    return context.reply.Error(Concat({"ERR Unrecognized option '", attribute, "'"}));
  }
  if (!IsClientName(value)) {
    return context.reply.Error(Concat(
        {"ERR ", LowerCase(attribute), " cannot contain spaces, newlines or special characters."}));
  }
  ClientState& state = context.client.state;
  (is_name ? state.library_name : state.library_version) = value;
  context.reply.Simple("OK");
}

void HandleClientList(ConnectionContext& context) {
  ClientFilter filter;
  const Bytes error = filter.ParseList(context.args.subspan(kFirstOption));
  if (!error.empty()) return context.reply.Error(error);
  Bytes lines;
  context.server.ForEachClient([&](Client& client) {
    if (!filter.Matches(client)) return;
    lines += &client == &context.client ? Describe(client, context.server, "client|list")
                                        : DescribeOther(client, context.server);
  });
  context.reply.Verbatim(lines);
}

void HandleClientInfo(ConnectionContext& context) {
  context.reply.Verbatim(Describe(context.client, context.server, "client|info"));
}

void HandleClientKill(ConnectionContext& context) {
  const Arguments options = context.args.subspan(kFirstOption);
  ClientFilter filter;
  if (options.size() == 1) {  // the old form: an address, which may be the caller's own
    const std::string_view old_form[] = {"addr", options.front(), "skipme", "no"};
    const Bytes error = filter.ParseKill(old_form);
    if (!error.empty()) return context.reply.Error(error);
    if (Kill(context, filter) == 0) return context.reply.Error("ERR No such client");
    return context.reply.Simple("OK");
  }
  const Bytes error = filter.ParseKill(options);
  if (!error.empty()) return context.reply.Error(error);
  context.reply.Integer(Kill(context, filter));
}

void HandleClientReply(ConnectionContext& context) {
  ClientState& state = context.client.state;
  const std::string_view mode = context.args[2];
  if (IsWord(mode, "on")) {
    state.reply_off = false;
    state.reply_skip = false;
    context.reply.Simple("OK");
  } else if (IsWord(mode, "off")) {
    state.reply_off = true;
  } else if (IsWord(mode, "skip")) {
    if (!state.reply_off) state.reply_skip = true;
  } else {
    context.reply.Error(errors::kSyntax);
  }
}

void HandleClientNoEvict(ConnectionContext& context) { ReplyOnOff(context); }
void HandleClientNoTouch(ConnectionContext& context) { ReplyOnOff(context); }

void HandleClientGetRedir(ConnectionContext& context) { context.reply.Integer(-1); }

void HandleClientTrackingInfo(ConnectionContext& context) {
  context.reply.Map(3);
  context.reply.Bulk("flags");
  context.reply.Set(1);
  context.reply.Bulk("off");
  context.reply.Bulk("redirect");
  context.reply.Integer(-1);
  context.reply.Bulk("prefixes");
  context.reply.Array(0);
}

void HandleClientHelp(ConnectionContext& context) { ReplyHelp("client", context.reply); }

}  // namespace quorate::commands
