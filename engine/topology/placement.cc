// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/placement.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/hash/place.h"
#include "engine/topology/limits.h"
#include "engine/topology/ring.h"

namespace quorate::topology {
namespace {

constexpr Place kLastPlace{~uint64_t{0}};
// Frozen: part of the definition of the distribution `random`.
constexpr uint64_t kRandomPurpose = 0x72616e646f6d;

// The lists of one data centre: `lists` holds `replicas` seats per row. Rows are cut by `lasts`, or
// under modula by remainders.
struct DataCentreRows {
  uint32_t replicas = 0;
  std::vector<Place> lasts;
  std::vector<uint32_t> lists;
  [[nodiscard]] size_t rows() const { return lists.size() / replicas; }
};

// The row of a place, which is known to be one of [begin, end] or, behind the last, the first.
size_t FirstAtOrAfter(const std::vector<Place>& lasts, Place place, size_t begin, size_t end) {
  const auto first = lasts.begin() + static_cast<ptrdiff_t>(begin);
  const auto last = lasts.begin() + static_cast<ptrdiff_t>(end);
  const auto row = static_cast<size_t>(std::lower_bound(first, last, place) - lasts.begin());
  return row == lasts.size() ? 0 : row;
}

class RowBuilder {
 public:
  RowBuilder(const TopologySpec& spec, std::span<const Replica> seats, const PlacementRule& rule)
      : spec_(spec), seats_(seats), rule_(rule) {}

  // For the seats [begin, end), those of one data centre.
  DataCentreRows Build(uint32_t begin, uint32_t end, uint32_t replicas) const {
    switch (rule_.distribution) {
      case Distribution::kVnode:
        return OnRing(VnodeRing(spec_, begin, end, rule_.width_bits), replicas);
      case Distribution::kKetama:
        return OnRing(KetamaRing(spec_, begin, end), replicas);
      case Distribution::kModula:
        return {replicas, {}, PreferenceLists(Slots(begin, end), seats_, replicas)};
      case Distribution::kRandom:
        return Random(begin, end, replicas);
      case Distribution::kSingle:
        return Single(begin, end, replicas);
    }
    QUORATE_CHECK(false && "a Distribution that is none");
  }

 private:
  DataCentreRows OnRing(const std::vector<RingPoint>& ring, uint32_t replicas) const {
    std::vector<uint32_t> walk;
    walk.reserve(ring.size());
    for (const RingPoint& point : ring) walk.push_back(point.seat);
    const std::vector<uint32_t> lists = PreferenceLists(walk, seats_, replicas);
    DataCentreRows result{replicas, {}, {}};
    for (size_t i = 0; i < ring.size(); ++i) {
      // Of points with one place the first decides; the others own nothing.
      if (i > 0 && ring[i].last == ring[i - 1].last) continue;
      result.lasts.push_back(ring[i].last);
      const auto list = lists.begin() + static_cast<ptrdiff_t>(i * replicas);
      result.lists.insert(result.lists.end(), list, list + replicas);
    }
    return result;
  }
  // Each seat as often as it weighs.
  std::vector<uint32_t> Slots(uint32_t begin, uint32_t end) const {
    std::vector<uint32_t> slots;
    for (uint32_t i = begin; i < end; ++i) slots.insert(slots.end(), spec_.seats[i].weight, i);
    return slots;
  }
  // Per slice of the ring, seats by highest random weight [Thaler and Ravishankar 1998]: a seat of
  // weight w takes the best of w draws.
  DataCentreRows Random(uint32_t begin, uint32_t end, uint32_t replicas) const {
    std::vector<uint64_t> seeds;
    for (uint32_t i = begin; i < end; ++i) seeds.push_back(SeatSeed(spec_, i));
    DataCentreRows result{replicas, {}, {}};
    std::vector<uint64_t> ranks(end - begin);
    for (uint16_t slice = 0; slice < kRandomSlices; ++slice) {
      for (uint32_t i = begin; i < end; ++i) {
        uint64_t best = 0;
        for (uint16_t draw = 0; draw < spec_.seats[i].weight; ++draw) {
          best = std::max(best, KeyedHash(seeds[i - begin], kRandomPurpose, slice, draw));
        }
        ranks[i - begin] = best;
      }
      AppendByRank(ranks, begin, seats_, replicas, result.lists);
      result.lasts.push_back(hash::PartitionLast(PartitionId{slice}, kRandomSlices));
    }
    return result;
  }
  DataCentreRows Single(uint32_t begin, uint32_t end, uint32_t replicas) const {
    std::vector<uint32_t> walk(end - begin);
    std::iota(walk.begin(), walk.end(), begin);
    std::vector<uint32_t> lists = PreferenceLists(walk, seats_, replicas);
    lists.resize(replicas);
    return {replicas, {kLastPlace}, std::move(lists)};
  }

  const TopologySpec& spec_;
  std::span<const Replica> seats_;
  const PlacementRule& rule_;
};

// Per data centre with replicas its rows, in order.
std::vector<DataCentreRows> BuildAll(const TopologySpec& spec, std::span<const Replica> seats,
                                     const PlacementRule& rule) {
  const RowBuilder builder(spec, seats, rule);
  std::vector<DataCentreRows> result;
  for (uint32_t begin = 0; begin < seats.size();) {
    uint32_t end = begin;
    while (end < seats.size() && seats[end].data_centre == seats[begin].data_centre) ++end;
    const uint32_t replicas = rule.replicas.at(seats[begin].data_centre);
    if (replicas > 0) result.push_back(builder.Build(begin, end, replicas));
    begin = end;
  }
  return result;
}

std::vector<Place> MergedLasts(const std::vector<DataCentreRows>& centres) {
  std::vector<Place> lasts;
  for (const DataCentreRows& centre : centres) {
    lasts.insert(lasts.end(), centre.lasts.begin(), centre.lasts.end());
  }
  std::sort(lasts.begin(), lasts.end());
  lasts.erase(std::unique(lasts.begin(), lasts.end()), lasts.end());
  return lasts;
}

// Remainders by the slots of each data centre repeat together after this many; kRowsMax + 1 where
// that is too many.
size_t CommonPeriod(const std::vector<DataCentreRows>& centres) {
  size_t period = 1;
  for (const DataCentreRows& centre : centres) {
    const size_t rows = centre.rows();
    period = period / std::gcd(period, rows) * rows;
    if (period > kRowsMax) return kRowsMax + 1;
  }
  return period;
}

// How many rows the data centres can have together, known before any work is done for them.
size_t RowsBound(const TopologySpec& spec, Distribution distribution) {
  size_t tokens = 0;
  size_t weight = 0;
  for (const SeatSpec& seat : spec.seats) {
    weight += seat.weight;
    tokens += seat.tokens.empty() ? size_t{spec.virtual_tokens} * seat.weight : seat.tokens.size();
  }
  switch (distribution) {
    case Distribution::kVnode:
      return tokens;
    case Distribution::kKetama:
      return spec.seats.size() * (kKetamaPoints + 4);
    case Distribution::kModula:
      return weight;
    case Distribution::kRandom:
      return weight > kRandomWeightMax ? kRowsMax + 1 : kRandomSlices;
    case Distribution::kSingle:
      return 1;
  }
  QUORATE_CHECK(false && "a Distribution that is none");
}

absl::Status CheckSize(size_t rows, size_t list_size) {
  if (rows <= kRowsMax && rows * list_size <= kTableReplicasMax) return absl::OkStatus();
  return ResourceExhausted(
      "the table of replicas would be too large: fewer tokens, lower weights or, under modula, "
      "data centres of like size are needed");
}

}  // namespace

Placement::Placement(PlacementRule rule) : rule_(std::move(rule)) {
  for (const uint16_t replicas : rule_.replicas) {
    offsets_.push_back(list_size_);
    list_size_ += replicas;
  }
}

absl::StatusOr<Placement> Placement::Build(const TopologySpec& spec, std::span<const Replica> seats,
                                           PlacementRule rule) {
  Placement result(std::move(rule));
  if (result.list_size_ > kReplicasMax) {
    return ResourceExhausted(
        Format("%d replicas of every key; %d are allowed", result.list_size_, kReplicasMax));
  }
  QUORATE_RETURN_IF_ERROR(CheckSize(RowsBound(spec, result.rule_.distribution), result.list_size_));
  const std::vector<DataCentreRows> centres = BuildAll(spec, seats, result.rule_);
  result.lasts_ = MergedLasts(centres);
  result.IndexRows();
  const bool by_remainder = result.ByRemainder();
  const size_t rows = by_remainder ? CommonPeriod(centres) : result.lasts_.size();
  QUORATE_RETURN_IF_ERROR(CheckSize(rows, result.list_size_));
  result.replicas_.reserve(rows * result.list_size_);
  for (size_t row = 0; row < rows; ++row) {
    for (const DataCentreRows& centre : centres) {
      const size_t theirs =
          by_remainder ? row % centre.rows()
                       : FirstAtOrAfter(centre.lasts, result.lasts_[row], 0, centre.lasts.size());
      for (uint32_t i = 0; i < centre.replicas; ++i) {
        result.replicas_.push_back(seats[centre.lists[theirs * centre.replicas + i]]);
      }
    }
  }
  return result;
}

size_t Placement::RowOf(Place place) const {
  if (ByRemainder()) return (place.value >> (64 - rule_.width_bits)) % rows();
  const uint64_t leading = place.value >> (64 - leading_bits_);
  return FirstAtOrAfter(lasts_, place, first_rows_[leading], first_rows_[leading + 1]);
}

void Placement::IndexRows() {
  leading_bits_ = std::max(1, static_cast<int>(std::bit_width(lasts_.size())));
  const uint64_t values = uint64_t{1} << leading_bits_;
  first_rows_.reserve(values + 1);
  uint32_t row = 0;
  for (uint64_t leading = 0; leading < values; ++leading) {
    const Place begin{leading << (64 - leading_bits_)};
    while (row < lasts_.size() && lasts_[row] < begin) ++row;
    first_rows_.push_back(row);
  }
  first_rows_.push_back(static_cast<uint32_t>(lasts_.size()));
}

bool Placement::RowHolds(size_t row, NodeId node) const {
  const auto list = replicas_.begin() + static_cast<ptrdiff_t>(row * list_size_);
  return std::any_of(list, list + static_cast<ptrdiff_t>(list_size_),
                     [&](const Replica& replica) { return replica.node == node; });
}

bool Placement::Owns(NodeId node, Place place) const { return RowHolds(RowOf(place), node); }

PlaceRange Placement::RangeOf(size_t row) const {
  return {row == 0 ? Place{0} : Place{lasts_[row - 1].value + 1}, lasts_[row]};
}

std::vector<PlaceRange> Placement::OwnedRanges(NodeId node) const {
  std::vector<PlaceRange> result;
  const auto append = [&](PlaceRange range) {
    if (!result.empty() && result.back().last.value + 1 == range.first.value) {
      result.back().last = range.last;
    } else {
      result.push_back(range);
    }
  };
  for (size_t row = 0; row < rows(); ++row) {
    if (!RowHolds(row, node)) continue;
    if (ByRemainder()) return {{Place{0}, kLastPlace}};
    append(RangeOf(row));
  }
  if (!ByRemainder() && HasTail() && RowHolds(0, node)) {
    append({Place{lasts_.back().value + 1}, kLastPlace});
  }
  return result;
}

std::vector<uint64_t> Placement::Shares(size_t seats) const {
  __extension__ using Wide = unsigned __int128;
  std::vector<Wide> places(seats);
  for (size_t row = 0; row < rows(); ++row) {
    Wide size = (Wide{1} << 64) / rows();
    if (!ByRemainder()) {
      const PlaceRange range = RangeOf(row);
      size = Wide{range.last.value - range.first.value} + 1;
      if (row == 0) size += kLastPlace.value - lasts_.back().value;
    }
    for (size_t i = 0; i < list_size_; ++i) places[replicas_[row * list_size_ + i].seat] += size;
  }
  std::vector<uint64_t> result;
  result.reserve(seats);
  for (const Wide size : places) result.push_back(static_cast<uint64_t>(size >> 32));
  return result;
}

}  // namespace quorate::topology
