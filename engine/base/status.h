// SPDX-License-Identifier: Apache-2.0
// Errors as values. The codes have one meaning everywhere:
//   InvalidArgument    the caller's input is wrong and will stay wrong
//   DataLoss           stored or received bytes fail their checksum
//   OutOfRange         bytes end before the value does
//   FailedPrecondition the thing is in the wrong state for this
//   Unavailable        try again: a peer, a disk or a quorum is not there now
//   ResourceExhausted  a named limit was reached
//   Internal           a peer or a library broke its contract
// Debian's Abseil has its own string_view, so statuses are built and read through these helpers,
// which take and give std types.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"

namespace quorate {

template <typename... Args>
std::string Format(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::StrFormat(format, args...);
}

inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

inline std::string MessageOf(const absl::Status& status) {
  const absl::string_view message = status.message();
  return std::string(message.data(), message.size());
}

[[gnu::cold]] inline absl::Status InvalidArgument(std::string_view text) {
  return absl::InvalidArgumentError(AbslView(text));
}
[[gnu::cold]] inline absl::Status DataLoss(std::string_view text) {
  return absl::DataLossError(AbslView(text));
}
[[gnu::cold]] inline absl::Status OutOfRange(std::string_view text) {
  return absl::OutOfRangeError(AbslView(text));
}
[[gnu::cold]] inline absl::Status FailedPrecondition(std::string_view text) {
  return absl::FailedPreconditionError(AbslView(text));
}
[[gnu::cold]] inline absl::Status Unavailable(std::string_view text) {
  return absl::UnavailableError(AbslView(text));
}
[[gnu::cold]] inline absl::Status ResourceExhausted(std::string_view text) {
  return absl::ResourceExhaustedError(AbslView(text));
}
[[gnu::cold]] inline absl::Status Internal(std::string_view text) {
  return absl::InternalError(AbslView(text));
}

}  // namespace quorate

#define QUORATE_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status quorate_status_ = (expression); !quorate_status_.ok()) \
      return quorate_status_;                                               \
  } while (false)

#define QUORATE_CONCAT_INNER(a, b) a##b
#define QUORATE_CONCAT(a, b) QUORATE_CONCAT_INNER(a, b)
#define QUORATE_ASSIGN_OR_RETURN(declaration, expression) \
  QUORATE_ASSIGN_OR_RETURN_INNER(QUORATE_CONCAT(quorate_or_, __LINE__), declaration, expression)
#define QUORATE_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                           \
  if (!result.ok()) return result.status();                             \
  declaration = *std::move(result)
