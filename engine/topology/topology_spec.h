// SPDX-License-Identifier: Apache-2.0
// What an operator or a steward says about a cluster, as plain values: seats, the nodes bound to
// them, and pools. A Topology is made from it, and refuses it with a reason where it makes no
// sense.
//
// Tokens belong to seats: a seat is a place in a rack, a NodeId the disk that sits in it now. A new
// disk in an old seat takes over its ranges and moves nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "engine/hash/hash_tag.h"
#include "engine/hash/key_hash.h"
#include "engine/topology/epochs.h"

namespace quorate::topology {

// The numbers of both enumerations are stored.
enum class PoolKind : uint8_t { kDynamo = 0, kRaft = 1 };
enum class Distribution : uint8_t {
  kVnode = 0,
  kKetama = 1,
  kModula = 2,
  kRandom = 3,
  kSingle = 4
};

struct SeatSpec {
  NodeId node;
  std::string address;  // host:port, where peers connect
  std::string rack;
  std::string data_centre;
  std::vector<Token> tokens;  // none: derived from cluster, data centre, rack and address
  uint16_t weight = 1;
  friend bool operator==(const SeatSpec&, const SeatSpec&) = default;
};

// How many nodes of a data centre hold each key.
struct ReplicationRule {
  uint16_t per_data_centre = 3;
  // Where not empty, the data centres that hold replicas, and how many; others hold none.
  std::map<std::string, uint16_t> by_data_centre;
  // Dynomite's layout: as many as the data centre has racks, so that each rack is one full copy.
  // The two fields above are then not used.
  bool copy_per_rack = false;
  friend bool operator==(const ReplicationRule&, const ReplicationRule&) = default;
};

struct PoolSpec {
  PoolId id;
  std::string name;
  PoolKind kind = PoolKind::kDynamo;
  hash::KeyHash hash = hash::KeyHash::kXxh3;
  hash::HashTag tag = hash::HashTag::RedisCluster();
  Distribution distribution = Distribution::kVnode;
  ReplicationRule replication;
  uint16_t partitions = 256;
  friend bool operator==(const PoolSpec&, const PoolSpec&) = default;
};

struct TopologySpec {
  Epoch epoch{1};
  EpochState state = EpochState::kDone;
  uint64_t parent_digest = 0;  // of the epoch before; 0 for the first
  std::string cluster;
  uint16_t virtual_tokens = 64;  // derived tokens of a seat of weight 1
  std::vector<SeatSpec> seats;
  std::vector<PoolSpec> pools;
  friend bool operator==(const TopologySpec&, const TopologySpec&) = default;
};

[[nodiscard]] std::string_view NameOf(Distribution distribution);
[[nodiscard]] std::string_view NameOf(PoolKind kind);
// InvalidArgument, with the valid names, for other text.
[[nodiscard]] absl::StatusOr<Distribution> ParseDistribution(std::string_view name);
[[nodiscard]] absl::StatusOr<PoolKind> ParsePoolKind(std::string_view name);

// Sorts what has no order of its own: seats by data centre, rack and address, tokens, and pools by
// id.
void MakeCanonical(TopologySpec& spec);

// InvalidArgument with the first thing that is wrong. Requires: canonical.
[[nodiscard]] absl::Status Validate(const TopologySpec& spec);

// host:port with a port of 1 to 65535; InvalidArgument otherwise.
[[nodiscard]] absl::Status ValidateAddress(std::string_view address);

// The bytes whose digest names the epoch. Requires: canonical.
[[nodiscard]] Bytes EncodeSpec(const TopologySpec& spec);
// DataLoss for bytes that EncodeSpec never gives.
[[nodiscard]] absl::StatusOr<TopologySpec> DecodeSpec(std::string_view bytes);

}  // namespace quorate::topology
