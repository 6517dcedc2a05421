// SPDX-License-Identifier: Apache-2.0
// Which message asks for something, and which answers it: the asker's number is in both.
#pragma once

#include <optional>
#include <string>

#include "engine/wire/message.h"

namespace quorate::sim {

// The number under which a message asks for something, or that of the question it answers.
[[nodiscard]] std::optional<wire::RequestId> AsksAs(const wire::Message& message);
[[nodiscard]] std::optional<wire::RequestId> AnswersTo(const wire::Message& message);
// What a message asks for, but for the number; empty where it asks for nothing.
[[nodiscard]] std::string QuestionOf(const wire::Message& message);
// Makes it the answer to another question. Requires: it answers one.
void MakeAnswerTo(wire::RequestId id, wire::Message& message);

}  // namespace quorate::sim
