// SPDX-License-Identifier: Apache-2.0
// How people write sizes, times and switches, and what they probably meant where they mistyped a
// name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace quorate::io {

// "64mb", "1gb", "100", "10k": as redis.conf counts, k = 1000 and kb = 1024.
[[nodiscard]] std::optional<uint64_t> ParseByteSize(std::string_view text);
// "250ms", "5s", "2m", "1h", "100us"; a unit is required.
[[nodiscard]] std::optional<Duration> ParseDuration(std::string_view text);
// yes, no, true, false, on, off.
[[nodiscard]] std::optional<bool> ParseSwitch(std::string_view text);
[[nodiscard]] std::optional<uint64_t> ParseWhole(std::string_view text);

// The name of `names` that is closest to `text`, where one is close enough to be meant.
[[nodiscard]] std::optional<std::string_view> NearestName(std::string_view text,
                                                          std::span<const std::string_view> names);
// "; did you mean 'x'?" or "; one of a, b, c".
[[nodiscard]] std::string Suggest(std::string_view text, std::span<const std::string_view> names);
// The text in quotes, shortened, with unprintable bytes as '?'.
[[nodiscard]] std::string Quoted(std::string_view text);

// The parts of host:port; the host without the brackets of IPv6.
struct AddressParts {
  std::string host;
  uint16_t port = 0;
};
// Nothing where the text is not host:port. Port 0 is allowed: the kernel then picks one.
[[nodiscard]] std::optional<AddressParts> SplitAddress(std::string_view text);
// True for addresses that only this machine reaches.
[[nodiscard]] bool IsLoopback(std::string_view host);

}  // namespace quorate::io
