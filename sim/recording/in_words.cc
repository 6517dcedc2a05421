// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/in_words.h"

#include <algorithm>
#include <optional>

#include "adapters/resp/client_codec.h"
#include "engine/base/overloaded.h"
#include "engine/base/status.h"
#include "engine/commands/key_positions.h"
#include "engine/keyspace/stand_in.h"
#include "sim/recording/limits.h"
#include "sim/trace/chronicle.h"

namespace quorate::sim {
namespace {

bool IsLetter(char letter) { return letter >= ' ' && letter <= '~'; }

std::string Cut(std::string text) {
  if (text.size() > kShownBytesMax) text = text.substr(0, kShownBytesMax) + "...";
  return text;
}

void ShowElements(resp::Reply& reply) {
  if (keyspace::IsStandIn(reply.text)) reply.text = Shown(reply.text);
  for (resp::Reply& element : reply.elements) ShowElements(element);
}

}  // namespace

std::string Shown(std::string_view bytes) {
  if (keyspace::IsStandIn(bytes)) {
    return Format("(%u bytes, digest %016x)", bytes.size(), keyspace::StandInDigest(bytes));
  }
  std::string text;
  for (const char letter : bytes.substr(0, kShownBytesMax + 1)) {
    text += IsLetter(letter) ? std::string(1, letter)
                             : Format("\\x%02x", static_cast<unsigned char>(letter));
  }
  return Cut(std::move(text));
}

std::string Shown(const std::vector<std::string_view>& args) {
  std::string text;
  for (const std::string_view arg : args) {
    text += (text.empty() ? "" : " ") + Shown(arg);
    if (text.size() > kShownBytesMax) break;
  }
  return Cut(std::move(text));
}

std::string TellRecorded(const wire::Message& message) {
  if (const auto* body = std::get_if<wire::Execute>(&message.body)) {
    return std::string(wire::NameOf(message.body)) + " " +
           Shown(std::vector<std::string_view>(body->args.begin(), body->args.end()));
  }
  return Shown(Tell(message));
}

std::string ShownReply(std::string_view reply) {
  resp::ReplyDecoder decoder;
  decoder.Feed(reply);
  const absl::StatusOr<std::optional<resp::Reply>> next = decoder.Next();
  std::optional<resp::Reply> decoded = next.ok() ? *next : std::nullopt;
  if (!decoded) return Shown(reply);
  ShowElements(*decoded);
  return Shown(resp::Describe(*decoded));
}

std::string_view KeyOf(const std::vector<std::string_view>& args) {
  Bytes error;
  const commands::Command* const command = commands::ResolveCommand(args, error);
  if (command == nullptr) return {};
  const commands::KeyPositions keys = commands::KeysOf(*command, args.size());
  return keys.empty() ? std::string_view() : args[keys[0]];
}

std::string KeyOf(const wire::Message& message) {
  return std::visit(Overloaded{[](const wire::Execute& body) {
                                 return std::string(KeyOf(std::vector<std::string_view>(
                                     body.args.begin(), body.args.end())));
                               },
                               [](const wire::Read& body) { return std::string(body.key); },
                               [](const wire::Mutate& body) { return std::string(body.key); },
                               [](const auto&) { return std::string(); }},
                    message.body);
}

bool NamesKey(const wire::Message& message, std::string_view key) {
  return std::visit(Overloaded{[key](const wire::Execute& body) {
                                 return std::find(body.args.begin(), body.args.end(), key) !=
                                        body.args.end();
                               },
                               [key](const wire::Read& body) { return body.key == key; },
                               [key](const wire::Mutate& body) { return body.key == key; },
                               [](const auto&) { return false; }},
                    message.body);
}

}  // namespace quorate::sim
