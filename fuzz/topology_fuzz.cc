// SPDX-License-Identifier: Apache-2.0
// A cluster as it is stored, or as Dynomite's users write it: refused with a reason, or one that is
// the same when it is read again, with replicas for every key. The first byte says which: 't' is
// text.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "engine/topology/seed_line.h"
#include "engine/topology/topology.h"

namespace quorate::topology {
namespace {

constexpr int kTokenBits = 32;
constexpr uint64_t kPlaces = 64;

void CheckReplicas(const Topology& topology, const PoolSpec& pool) {
  for (uint64_t i = 0; i < kPlaces; ++i) {
    std::set<NodeId> nodes;
    for (const Replica& replica : topology.ReplicasOf(pool.id, Place{i * (UINT64_MAX / kPlaces)})) {
      QUORATE_CHECK(topology.FindSeat(replica.node) != nullptr);
      QUORATE_CHECK(nodes.insert(replica.node).second);
    }
    QUORATE_CHECK(!nodes.empty());
  }
}

void CheckTopology(const Topology& topology) {
  const Bytes bytes = topology.Encode();
  const absl::StatusOr<Topology> again = Topology::Decode(bytes);
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(again->spec() == topology.spec() && again->digest() == topology.digest());
  for (const PoolSpec& pool : topology.pools()) CheckReplicas(topology, pool);
}

void CheckStored(std::string_view bytes) {
  const absl::StatusOr<Topology> topology = Topology::Decode(bytes);
  if (!topology.ok()) {
    QUORATE_CHECK(!MessageOf(topology.status()).empty());
    return;
  }
  QUORATE_CHECK(topology->Encode() == bytes);
  CheckTopology(*topology);
}

void CheckText(std::string_view text) {
  absl::StatusOr<std::vector<SeatSpec>> seats = ParseSeeds(text, kTokenBits);
  if (!seats.ok()) {
    QUORATE_CHECK(!MessageOf(seats.status()).empty());
    return;
  }
  TopologySpec spec;
  spec.cluster = "fuzz";
  spec.seats = *std::move(seats);
  BindStaticNodes(spec);
  PoolSpec pool;
  pool.name = "main";
  spec.pools.push_back(pool);
  const absl::StatusOr<Topology> topology = Topology::Create(std::move(spec));
  if (topology.ok()) CheckTopology(*topology);
}

}  // namespace
}  // namespace quorate::topology

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 't') {
    quorate::topology::CheckText(rest);
  } else {
    quorate::topology::CheckStored(rest);
  }
  return 0;
}
