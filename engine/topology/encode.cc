// SPDX-License-Identifier: Apache-2.0
// The canonical bytes of a topology, which its digest is made of:
//   version 1 (1 byte), epoch 8, state 1, parent digest 8, virtual tokens 2, cluster (blob),
//   seats (varint count): node 8, address, rack, data centre (blobs), weight 2,
//                         tokens (varint count, 8 each)
//   pools (varint count): id 2, name (blob), kind 1, hash 1, tag 3 (rule, open, close),
//                         distribution 1, partitions 2, copy per rack 1, replicas 2,
//                         by data centre (varint count): name (blob), replicas 2
// All numbers big endian.
#include <algorithm>

#include "engine/topology/limits.h"
#include "engine/topology/topology_spec.h"

namespace quorate::topology {
namespace {

constexpr uint8_t kFormat = 1;

void PutByte(Bytes& out, uint8_t value) { out.push_back(static_cast<char>(value)); }

void PutSeat(Bytes& out, const SeatSpec& seat) {
  PutBigEndian(out, seat.node.value);
  PutBlob(out, seat.address);
  PutBlob(out, seat.rack);
  PutBlob(out, seat.data_centre);
  PutBigEndian(out, seat.weight);
  PutVarint(out, seat.tokens.size());
  for (const Token token : seat.tokens) PutBigEndian(out, token.value);
}

void PutPool(Bytes& out, const PoolSpec& pool) {
  PutBigEndian(out, pool.id.value);
  PutBlob(out, pool.name);
  PutByte(out, static_cast<uint8_t>(pool.kind));
  PutByte(out, static_cast<uint8_t>(pool.hash));
  PutByte(out, static_cast<uint8_t>(pool.tag.rule));
  out.push_back(pool.tag.open);
  out.push_back(pool.tag.close);
  PutByte(out, static_cast<uint8_t>(pool.distribution));
  PutBigEndian(out, pool.partitions);
  const ReplicationRule& rule = pool.replication;
  PutByte(out, rule.copy_per_rack ? 1 : 0);
  PutBigEndian(out, rule.per_data_centre);
  PutVarint(out, rule.by_data_centre.size());
  for (const auto& [name, replicas] : rule.by_data_centre) {
    PutBlob(out, name);
    PutBigEndian(out, replicas);
  }
}

// Reads what is written above. Each count is held against a limit before anything is reserved for
// it.
class SpecReader {
 public:
  explicit SpecReader(std::string_view bytes) : reader_(bytes) {}

  TopologySpec Read() {
    TopologySpec spec;
    if (Byte() != kFormat) Fail();
    spec.epoch.value = reader_.BigEndian<uint64_t>();
    spec.state = Enumerator(EpochState::kDone);
    spec.parent_digest = reader_.BigEndian<uint64_t>();
    spec.virtual_tokens = reader_.BigEndian<uint16_t>();
    spec.cluster = reader_.Blob();
    for (size_t left = Count(kSeatsMax); left > 0 && ok(); --left) spec.seats.push_back(Seat());
    for (size_t left = Count(kPoolsMax); left > 0 && ok(); --left) spec.pools.push_back(Pool());
    if (!reader_.AtEnd()) Fail();
    return spec;
  }
  bool ok() const { return ok_ && reader_.ok(); }

 private:
  void Fail() { ok_ = false; }
  uint8_t Byte() { return reader_.BigEndian<uint8_t>(); }
  char Char() { return static_cast<char>(Byte()); }
  size_t Count(size_t limit) {
    const uint64_t count = reader_.Varint();
    if (count <= limit) return static_cast<size_t>(count);
    Fail();
    return 0;
  }
  template <typename Enum>
  Enum Enumerator(Enum last) {
    const uint8_t number = Byte();
    if (number <= static_cast<uint8_t>(last)) return static_cast<Enum>(number);
    Fail();
    return last;
  }
  SeatSpec Seat() {
    SeatSpec seat;
    seat.node.value = reader_.BigEndian<uint64_t>();
    seat.address = reader_.Blob();
    seat.rack = reader_.Blob();
    seat.data_centre = reader_.Blob();
    seat.weight = reader_.BigEndian<uint16_t>();
    for (size_t left = Count(kTokensPerSeatMax); left > 0 && ok(); --left) {
      seat.tokens.push_back(Token{reader_.BigEndian<uint64_t>()});
    }
    return seat;
  }
  hash::HashTag Tag() {
    hash::HashTag tag;
    tag.rule = Enumerator(hash::HashTag::Rule::kDynomite);
    tag.open = Char();
    tag.close = Char();
    const bool valid =
        tag.rule == hash::HashTag::Rule::kNone
            ? tag == hash::HashTag::None()
            : tag.rule == hash::HashTag::Rule::kDynomite || tag == hash::HashTag::RedisCluster();
    if (!valid) Fail();
    return tag;
  }
  PoolSpec Pool() {
    PoolSpec pool;
    pool.id.value = reader_.BigEndian<uint16_t>();
    pool.name = reader_.Blob();
    pool.kind = Enumerator(PoolKind::kRaft);
    pool.hash = Enumerator(static_cast<hash::KeyHash>(hash::kKeyHashes - 1));
    pool.tag = Tag();
    pool.distribution = Enumerator(Distribution::kSingle);
    pool.partitions = reader_.BigEndian<uint16_t>();
    pool.replication.copy_per_rack = Byte() != 0;
    pool.replication.per_data_centre = reader_.BigEndian<uint16_t>();
    for (size_t left = Count(kDataCentresMax); left > 0 && ok(); --left) {
      std::string name(reader_.Blob());
      pool.replication.by_data_centre[std::move(name)] = reader_.BigEndian<uint16_t>();
    }
    return pool;
  }

  ByteReader reader_;
  bool ok_ = true;
};

}  // namespace

Bytes EncodeSpec(const TopologySpec& spec) {
  Bytes out;
  PutByte(out, kFormat);
  PutBigEndian(out, spec.epoch.value);
  PutByte(out, static_cast<uint8_t>(spec.state));
  PutBigEndian(out, spec.parent_digest);
  PutBigEndian(out, spec.virtual_tokens);
  PutBlob(out, spec.cluster);
  PutVarint(out, spec.seats.size());
  for (const SeatSpec& seat : spec.seats) PutSeat(out, seat);
  PutVarint(out, spec.pools.size());
  for (const PoolSpec& pool : spec.pools) PutPool(out, pool);
  return out;
}

absl::StatusOr<TopologySpec> DecodeSpec(std::string_view bytes) {
  SpecReader reader(bytes);
  TopologySpec spec = reader.Read();
  if (!reader.ok()) return DataLoss("the bytes of a topology are malformed");
  // One topology, one digest: another order, a longer varint or a stray flag is refused.
  TopologySpec canonical = spec;
  MakeCanonical(canonical);
  if (EncodeSpec(canonical) != bytes) return DataLoss("the bytes of a topology are not canonical");
  return spec;
}

}  // namespace quorate::topology
