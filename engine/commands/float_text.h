// SPDX-License-Identifier: Apache-2.0
// Decimal fractions as INCRBYFLOAT reads and writes them: in extended precision (80 bits on
// x86-64), with up to 17 digits behind the point, as Redis does. What is stored and sent is the
// text, so a machine whose long double is another type differs in what it computes, never in what
// it holds.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/codec.h"

namespace quorate::commands {

// Decimal or hexadecimal (0x), "inf" and "infinity"; nullopt for NaN, for what is no number and for
// what does not fit.
[[nodiscard]] std::optional<long double> ParseFloat(std::string_view text);

// Without an exponent and without zeros at the end. Requires: the value is finite.
[[nodiscard]] Bytes FormatFloat(long double value);

[[nodiscard]] bool IsFinite(long double value);

}  // namespace quorate::commands
