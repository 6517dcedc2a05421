// SPDX-License-Identifier: Apache-2.0
// The slots of Redis Cluster: what CLUSTER KEYSLOT answers and cluster-aware clients compute.
#pragma once

#include <cstdint>
#include <string_view>

namespace quorate::hash {

inline constexpr int kSlotBits = 14;
inline constexpr uint16_t kSlots = 1 << kSlotBits;

// CRC16 (XMODEM) of the key, or of its first non-empty {tag}, modulo kSlots.
[[nodiscard]] uint16_t KeySlot(std::string_view key);

}  // namespace quorate::hash
