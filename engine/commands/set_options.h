// SPDX-License-Identifier: Apache-2.0
// The options of SET and GETEX: conditions, and what becomes of the deadline. Parsed apart from
// execution, because what SET reads and promises depends on them (plan.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/time.h"
#include "engine/commands/command.h"

namespace quorate::commands {

enum class ExpiryUnit : uint8_t { kNone, kSeconds, kMilliseconds, kUnixSeconds, kUnixMilliseconds };

struct SetOptions {
  bool if_absent = false;   // NX
  bool if_present = false;  // XX
  bool get = false;
  bool keep_deadline = false;  // KEEPTTL
  bool persist = false;
  ExpiryUnit unit = ExpiryUnit::kNone;
  std::string_view expiry;  // the text behind EX, PX, EXAT or PXAT
};

// The options after the key and value of SET, or after the key of GETEX; nullopt: a syntax error.
[[nodiscard]] std::optional<SetOptions> ParseSetOptions(Arguments options);
[[nodiscard]] std::optional<SetOptions> ParseGetExOptions(Arguments options);

// The deadline in milliseconds since the epoch that `text` in `unit` means at `now`; nullopt, with
// the reply written, where it is none. `command` is named in the error.
[[nodiscard]] std::optional<int64_t> ParseExpiry(std::string_view text, ExpiryUnit unit,
                                                 HybridTime now, std::string_view command,
                                                 ReplySink& reply);

}  // namespace quorate::commands
