// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/stand_in.h"

#include <algorithm>
#include <cstring>

#include "engine/hash/digest.h"
#include "engine/keyspace/cell.h"

namespace quorate::keyspace {
namespace {

constexpr uint64_t kDigestSeed =
    0x71756f7261746501;  // frozen: replicas of two releases compare digests
constexpr std::string_view kMark("\x01\x00stand\x02", 8);  // no text begins so
constexpr size_t kNumberBytesMax = 40;

static_assert(kMark.size() + sizeof(uint64_t) <= kStandInBytesMin);

bool IsNumber(std::string_view value) {
  return value.size() <= kNumberBytesMax && std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e';
         });
}

bool HoldsData(CellKind kind) {
  return kind == CellKind::kString || kind == CellKind::kValue || kind == CellKind::kField;
}

}  // namespace

uint64_t ValueDigest(std::string_view value) { return hash::Digest(value, kDigestSeed); }

bool IsStandIn(std::string_view value) {
  return value.size() >= kStandInBytesMin && value.starts_with(kMark);
}

uint64_t StandInDigest(std::string_view value) {
  if (!IsStandIn(value)) return ValueDigest(value);
  return ReadBigEndian<uint64_t>(value.data() + kMark.size());
}

bool IsHidden(std::string_view value) {
  return value.size() >= kStandInBytesMin && !IsNumber(value) && !IsStandIn(value);
}

void WriteStandIn(char* at, size_t size, uint64_t digest) {
  std::memcpy(at, kMark.data(), kMark.size());
  WriteBigEndian(at + kMark.size(), digest);
  std::memset(at + kMark.size() + sizeof(digest), '.', size - kMark.size() - sizeof(digest));
}

void HideCells(char* packed, size_t size) {
  CellReader reader({packed, size});
  Cell cell;
  while (reader.Next(cell)) {
    if (!HoldsData(cell.kind) || !IsHidden(cell.value)) continue;
    WriteStandIn(packed + (cell.value.data() - packed), cell.value.size(), ValueDigest(cell.value));
  }
}

void AddHiddenCells(std::string_view packed, std::vector<std::string_view>& hidden) {
  const size_t before = hidden.size();
  CellReader reader(packed);
  Cell cell;
  while (reader.Next(cell)) {
    if (HoldsData(cell.kind) && IsHidden(cell.value)) hidden.push_back(cell.value);
  }
  if (!reader.ok()) hidden.resize(before);
}

}  // namespace quorate::keyspace
