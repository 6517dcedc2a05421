// SPDX-License-Identifier: Apache-2.0
// Bounds of a configuration. They keep a hostile or mistaken file from costing more than a refusal.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::io {

inline constexpr size_t kConfigBytesMax = size_t{1} << 20;
inline constexpr size_t kConfigValuesMax = 200'000;
inline constexpr int kConfigDepthMax = 16;
inline constexpr size_t kProblemsMax = 50;
inline constexpr size_t kPasswordBytesMax = 512;
// Text of the user that an error repeats.
inline constexpr size_t kQuotedBytesMax = 80;

inline constexpr uint64_t kConfigShardsMax = 256;
inline constexpr uint64_t kPartitionsMax = 32768;
inline constexpr uint64_t kReplicasPerDataCentreMax = 64;
inline constexpr uint64_t kDiskGenerationMax = 1'000'000;
inline constexpr uint64_t kClientsMaxLimit = 1'000'000;

}  // namespace quorate::io
