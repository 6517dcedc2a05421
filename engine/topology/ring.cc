// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/ring.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "engine/base/random.h"
#include "engine/hash/digest.h"
#include "engine/hash/dynomite_hashes.h"
#include "engine/topology/limits.h"

namespace quorate::topology {
namespace {

// Frozen: where the data of clusters without written tokens lie depends on these.
constexpr uint64_t kSeatSeed = 0x71756f7261746502;
enum class Purpose : uint64_t { kToken = 1, kOrder = 2 };

Place LastOf(uint64_t token, int width_bits) {
  return Place{width_bits == 64 ? token : token | ~uint64_t{0} >> width_bits};
}

void SortRing(std::vector<RingPoint>& ring) {
  std::sort(ring.begin(), ring.end(), [](const RingPoint& a, const RingPoint& b) {
    return std::tie(a.last, a.order, a.seat) < std::tie(b.last, b.order, b.seat);
  });
}

RingPoint MakePoint(Place last, uint32_t seat, uint64_t seed) {
  return {last, KeyedHash(seed, Purpose::kOrder, last.value), seat};
}

}  // namespace

uint64_t SeatSeed(const TopologySpec& spec, uint32_t seat) {
  const SeatSpec& fields = spec.seats.at(seat);
  Bytes name;
  PutBlob(name, spec.cluster);
  PutBlob(name, fields.data_centre);
  PutBlob(name, fields.rack);
  PutBlob(name, fields.address);
  return hash::Digest(name, kSeatSeed);
}

std::vector<RingPoint> VnodeRing(const TopologySpec& spec, uint32_t begin, uint32_t end,
                                 int width_bits) {
  std::vector<RingPoint> ring;
  for (uint32_t i = begin; i < end; ++i) {
    const SeatSpec& seat = spec.seats.at(i);
    const uint64_t seed = SeatSeed(spec, i);
    for (const Token token : seat.tokens) {
      ring.push_back(MakePoint(LastOf(token.value, width_bits), i, seed));
    }
    const uint32_t derived = seat.tokens.empty() ? uint32_t{spec.virtual_tokens} * seat.weight : 0;
    for (uint32_t k = 0; k < derived; ++k) {
      const uint64_t draw = KeyedHash(seed, Purpose::kToken, k);
      ring.push_back(MakePoint(LastOf(draw, width_bits), i, seed));
    }
  }
  SortRing(ring);
  return ring;
}

std::vector<RingPoint> KetamaRing(const TopologySpec& spec, uint32_t begin, uint32_t end) {
  uint64_t total_weight = 0;
  for (uint32_t i = begin; i < end; ++i) total_weight += spec.seats.at(i).weight;
  std::vector<RingPoint> ring;
  for (uint32_t i = begin; i < end; ++i) {
    const SeatSpec& seat = spec.seats.at(i);
    const uint64_t seed = SeatSeed(spec, i);
    const uint64_t digests =
        uint64_t{kKetamaPoints / 4} * seat.weight * (end - begin) / total_weight;
    for (uint64_t k = 0; k < std::max<uint64_t>(digests, 1); ++k) {
      const hash::Md5Digest digest = hash::Md5(seat.address + "-" + std::to_string(k));
      for (int word = 0; word < 4; ++word) {
        const uint64_t point = uint64_t{hash::Md5Word(digest, word)} << 32;
        ring.push_back(MakePoint(LastOf(point, 32), i, seed));
      }
    }
  }
  SortRing(ring);
  return ring;
}

}  // namespace quorate::topology
