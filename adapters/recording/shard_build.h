// SPDX-License-Identifier: Apache-2.0
// Which sources a shard was made of: a digest of engine and adapters, whatever compiled them.
#pragma once

#include <string_view>

namespace quorate::recording {

// 16 hexadecimal digits.
[[nodiscard]] std::string_view ShardBuild();

}  // namespace quorate::recording
