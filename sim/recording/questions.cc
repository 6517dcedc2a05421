// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/questions.h"

#include "engine/base/codec.h"
#include "engine/base/overloaded.h"

namespace quorate::sim {
namespace {

std::string Joined(const std::vector<Bytes>& args) {
  std::string text;
  for (const Bytes& arg : args) PutBlob(text, arg);
  return text;
}

}  // namespace

std::optional<wire::RequestId> AsksAs(const wire::Message& message) {
  using Id = std::optional<wire::RequestId>;
  return std::visit(Overloaded{[](const wire::Execute& body) { return Id(body.id); },
                               [](const wire::Read& body) { return Id(body.id); },
                               [](const wire::Mutate& body) { return Id(body.id); },
                               [](const wire::Keyspace& body) { return Id(body.id); },
                               [](const wire::Ping& body) { return Id(body.id); },
                               [](const auto&) { return Id(); }},
                    message.body);
}

std::optional<wire::RequestId> AnswersTo(const wire::Message& message) {
  using Id = std::optional<wire::RequestId>;
  return std::visit(Overloaded{[](const wire::ExecuteReply& body) { return Id(body.id); },
                               [](const wire::ReadReply& body) { return Id(body.id); },
                               [](const wire::MutateReply& body) { return Id(body.id); },
                               [](const wire::KeyspaceReply& body) { return Id(body.id); },
                               [](const wire::Pong& body) { return Id(body.id); },
                               [](const auto&) { return Id(); }},
                    message.body);
}

std::string QuestionOf(const wire::Message& message) {
  std::string what = std::visit(
      Overloaded{[](const wire::Execute& body) { return "x" + Joined(body.args); },
                 [](const wire::Read& body) { return (body.want_state ? "s" : "d") + body.key; },
                 [](const wire::Mutate& body) { return "m" + body.key; },
                 [](const wire::Keyspace& body) { return "k" + Joined(body.args); },
                 [](const wire::Ping&) { return std::string("p"); },
                 [](const auto&) { return std::string(); }},
      message.body);
  return what;
}

void MakeAnswerTo(wire::RequestId id, wire::Message& message) {
  std::visit(Overloaded{[id](wire::ExecuteReply& body) { body.id = id; },
                        [id](wire::ReadReply& body) { body.id = id; },
                        [id](wire::MutateReply& body) { body.id = id; },
                        [id](wire::KeyspaceReply& body) { body.id = id; },
                        [id](wire::Pong& body) { body.id = id; }, [](auto&) {}},
             message.body);
}

}  // namespace quorate::sim
