// SPDX-License-Identifier: Apache-2.0
// Errors as values, with std types only: nothing of what quorate is built with shows in its API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace quorate {

enum class Code : uint8_t {
  kOk,
  kInvalidArgument,     // the input is wrong and will stay wrong
  kDataLoss,            // stored or received bytes are damaged
  kOutOfRange,          // bytes end too early
  kFailedPrecondition,  // the thing is in the wrong state for this
  kUnavailable,         // try again: a peer, a disk or a quorum is not there now
  kResourceExhausted,   // a limit was reached
  kInternal,            // a peer or a library broke its contract
};

[[nodiscard]] std::string_view NameOf(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const { return code_ == Code::kOk; }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  // "unavailable: the disk is full", or "ok".
  [[nodiscard]] std::string ToString() const;
  friend bool operator==(const Status&, const Status&) = default;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

// A value or the reason why there is none. The value is read only where ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT: a value is a result
  Result(Status status) : status_(std::move(status)) {  // NOLINT: and so is an error
    if (status_.ok()) status_ = Status(Code::kInternal, "a result has neither value nor error");
  }

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  // NOLINTBEGIN(bugprone-unchecked-optional-access): value() is the check
  [[nodiscard]] T& operator*() & { return value_.value(); }
  [[nodiscard]] const T& operator*() const& { return value_.value(); }
  [[nodiscard]] T&& operator*() && { return std::move(value_).value(); }
  [[nodiscard]] T* operator->() { return &value_.value(); }
  [[nodiscard]] const T* operator->() const { return &value_.value(); }
  // NOLINTEND(bugprone-unchecked-optional-access)

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace quorate
