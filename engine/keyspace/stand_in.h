// SPDX-License-Identifier: Apache-2.0
// A recording keeps data out: in place of a value it has the value's length and digest, and a
// replay puts a stand-in there, made of both. Where stand-ins are in use the digest of one is that
// of the value it stands for, so replicas agree or differ as they did. In production they are not
// in use: a value that looks like one is a value.
//
// A stand-in is a mark of 8 bytes, the digest, and dots up to the length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace quorate::keyspace {

// Shorter values have none: a digest would tell as much as the value.
inline constexpr size_t kStandInBytesMin = 16;

// The digest of a value in the digest of an object.
[[nodiscard]] uint64_t ValueDigest(std::string_view value);
// The same, where stand-ins are in use.
[[nodiscard]] uint64_t StandInDigest(std::string_view value);
[[nodiscard]] bool IsStandIn(std::string_view value);
// Whether a recording without data leaves the value out: it is long enough and no number, which
// commands have to understand.
[[nodiscard]] bool IsHidden(std::string_view value);
// Writes a stand-in over `size` bytes. Requires: size >= kStandInBytesMin.
void WriteStandIn(char* at, size_t size, uint64_t digest);
// Writes stand-ins over the hidden ones among the values of packed cells. Requires: ValidCells.
void HideCells(char* packed, size_t size);
// Adds these values, as parts of `packed` and in order; none where the cells are malformed.
void AddHiddenCells(std::string_view packed, std::vector<std::string_view>& hidden);

}  // namespace quorate::keyspace
