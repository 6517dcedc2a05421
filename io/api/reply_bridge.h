// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/resp/client_codec.h"
#include "quorate/reply.h"

namespace quorate::api {

[[nodiscard]] Reply ToPublic(resp::Reply reply);

}  // namespace quorate::api
