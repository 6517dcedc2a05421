// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/mender.h"

#include <algorithm>

#include "sim/recording/questions.h"

namespace quorate::sim {

bool AnswersOf::Edit(wire::Message& message) {
  const std::optional<wire::RequestId> id = AnswersTo(message);
  if (!id) return true;
  const auto question = questions_.find({message.sender.node, id->value});
  if (question != questions_.end()) answers_[event_] = {question->second, id->value};
  return true;
}

bool AnswersOf::Edit(env::CommitToken& token) {
  if (commits_.contains(token.value)) answers_[event_] = {{}, token.value};
  return true;
}

bool AnswersOf::Edit(env::ReadToken& token) {
  if (scans_.contains(token.value)) answers_[event_] = {{}, token.value};
  return true;
}

void AnswersOf::Sent(const env::Target& target, const wire::Message& message) {
  if (const auto id = AsksAs(message)) questions_[{target.node, id->value}] = QuestionOf(message);
}

std::optional<uint64_t> Mender::Take(Waiting& waiting, uint64_t preferred) {
  if (waiting.empty()) return std::nullopt;
  auto taken = std::find(waiting.begin(), waiting.end(), preferred);
  if (taken == waiting.end()) taken = waiting.begin();
  const uint64_t number = *taken;
  waiting.erase(taken);
  return number;
}

bool Mender::Edit(wire::Message& message) {
  const AnswersOf::Answer* const answer = answers_.Find(event_);
  if (answer == nullptr) return true;
  const NodeId node = message.sender.node;
  // An answer that comes twice answers one question.
  auto found = renumbered_.find({node, answer->number});
  if (found == renumbered_.end()) {
    // Equal questions may be under way at once, and be answered in any order.
    const std::optional<uint64_t> number =
        Take(questions_[{node, answer->question}], answer->number);
    if (!number) return false;
    found = renumbered_.emplace(std::pair(node, answer->number), *number).first;
  }
  MakeAnswerTo(wire::RequestId{found->second}, message);
  return true;
}

bool Mender::Edit(env::CommitToken& token) {
  if (answers_.Find(event_) == nullptr) return true;
  const std::optional<uint64_t> number = Take(commits_);
  token.value = number.value_or(0);
  return number.has_value();
}

bool Mender::Edit(env::ReadToken& token) {
  if (answers_.Find(event_) == nullptr) return true;
  const std::optional<uint64_t> number = Take(scans_);
  token.value = number.value_or(0);
  return number.has_value();
}

void Mender::Sent(const env::Target& target, const wire::Message& message) {
  if (const auto id = AsksAs(message)) {
    questions_[{target.node, QuestionOf(message)}].push_back(id->value);
  }
}

void Mender::Took(recording::EventKind kind, std::string_view bytes) {
  if (ended_) ticks_.emplace_back();
  ticks_.back() += bytes;
  ended_ = kind == recording::EventKind::kEndTick;
}

}  // namespace quorate::sim
