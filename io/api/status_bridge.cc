// SPDX-License-Identifier: Apache-2.0
#include "io/api/status_bridge.h"

#include <array>

namespace quorate {

std::string_view NameOf(Code code) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "ok",          "invalid argument",   "data loss",     "out of range", "failed precondition",
      "unavailable", "resource exhausted", "internal error"};
  return kNames[static_cast<size_t>(code)];
}

std::string Status::ToString() const {
  return ok() ? "ok" : std::string(NameOf(code_)) + ": " + message_;
}

namespace api {
namespace {

struct Pair {
  Code outside;
  absl::StatusCode inside;
};
constexpr Pair kPairs[] = {
    {Code::kOk, absl::StatusCode::kOk},
    {Code::kInvalidArgument, absl::StatusCode::kInvalidArgument},
    {Code::kDataLoss, absl::StatusCode::kDataLoss},
    {Code::kOutOfRange, absl::StatusCode::kOutOfRange},
    {Code::kFailedPrecondition, absl::StatusCode::kFailedPrecondition},
    {Code::kUnavailable, absl::StatusCode::kUnavailable},
    {Code::kResourceExhausted, absl::StatusCode::kResourceExhausted},
};

}  // namespace

Status ToPublic(const absl::Status& status) {
  if (status.ok()) return {};
  for (const Pair& pair : kPairs) {
    if (pair.inside == status.code()) return {pair.outside, MessageOf(status)};
  }
  return {Code::kInternal, MessageOf(status)};
}

absl::Status ToInternal(const Status& status) {
  if (status.ok()) return absl::OkStatus();
  for (const Pair& pair : kPairs) {
    if (pair.outside == status.code()) return {pair.inside, AbslView(status.message())};
  }
  return Internal(status.message());
}

}  // namespace api
}  // namespace quorate
