// SPDX-License-Identifier: Apache-2.0
// Between the errors of the API and those inside.
#pragma once

#include "engine/base/status.h"
#include "quorate/result.h"

namespace quorate::api {

[[nodiscard]] Status ToPublic(const absl::Status& status);
[[nodiscard]] absl::Status ToInternal(const Status& status);

}  // namespace quorate::api
