// SPDX-License-Identifier: Apache-2.0
// Limits of a topology. They bound what a peer's bytes or a configuration can make a node compute.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::topology {

inline constexpr size_t kSeatsMax = 16384;
inline constexpr size_t kDataCentresMax = 64;
inline constexpr size_t kPoolsMax = 256;
inline constexpr size_t kNameBytesMax = 255;
inline constexpr uint32_t kTokensPerSeatMax = 4096;
inline constexpr uint16_t kVirtualTokensMax = 1024;
inline constexpr uint16_t kWeightMax = 1024;
// Replicas of one place, over all data centres.
inline constexpr size_t kReplicasMax = 1024;
// Rows of a placement table, and replicas in all of them (16 bytes each).
inline constexpr size_t kRowsMax = size_t{1} << 22;
inline constexpr size_t kTableReplicasMax = size_t{1} << 26;
// The equal slices that the distribution `random` deals out. Part of its definition.
inline constexpr uint32_t kRandomSlices = 16384;
// The sum of weights under `random`, which draws once per weight and slice.
inline constexpr size_t kRandomWeightMax = 65536;
// Points per server of average weight, four of each MD5. Part of the definition of `ketama`.
inline constexpr uint32_t kKetamaPoints = 160;

// Indexes of racks and data centres are 16 bits wide.
static_assert(kSeatsMax <= UINT16_MAX && kDataCentresMax <= UINT16_MAX);
static_assert(kRandomSlices <= kRowsMax);

}  // namespace quorate::topology
