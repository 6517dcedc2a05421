// SPDX-License-Identifier: Apache-2.0
// What a recording holds, for people: a value that was left out is its length and digest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/wire/message.h"

namespace quorate::sim {

// What is no letter is \xNN; what is long ends early.
[[nodiscard]] std::string Shown(std::string_view bytes);
[[nodiscard]] std::string Shown(const std::vector<std::string_view>& args);
// What a message is, and what a person wants to know of it.
[[nodiscard]] std::string TellRecorded(const wire::Message& message);
// A reply as a client gets it: +OK, "bytes", 42.
[[nodiscard]] std::string ShownReply(std::string_view reply);

// The first key of a request, or of a message; empty where it has none.
[[nodiscard]] std::string_view KeyOf(const std::vector<std::string_view>& args);
[[nodiscard]] std::string KeyOf(const wire::Message& message);
[[nodiscard]] bool NamesKey(const wire::Message& message, std::string_view key);

}  // namespace quorate::sim
