// SPDX-License-Identifier: Apache-2.0
#include "io/config/checks.h"

#include <map>
#include <set>

#include "engine/topology/limits.h"
#include "io/config/topology_of.h"

namespace quorate::io {
namespace {

// The place of `key` in `map`, or of the map itself where the key is not set.
Position PlaceOf(const Value* map, std::string_view key) {
  if (map == nullptr) return {};
  const Value* value = map->Find(key);
  return value != nullptr ? value->position : map->position;
}

const Value* ItemOf(const Value& tree, std::string_view list, size_t index) {
  const Value* value = tree.Find(list);
  return value != nullptr && index < value->items.size() ? &value->items[index] : nullptr;
}

bool BeyondLoopback(const std::string& address) {
  const std::optional<AddressParts> parts = SplitAddress(address);
  return parts && !IsLoopback(parts->host);
}

class PoolChecker {
 public:
  PoolChecker(Reader& reader, const NodeConfig& config) : reader_(reader), config_(config) {}

  void Check(const Value* map, const PoolConfig& pool) {
    const std::string who = "pool " + pool.name + " ";
    if (pool.kind == topology::PoolKind::kRaft) {
      reader_.Refuse(PlaceOf(map, "kind"),
                     who + "is of kind raft, which this release does not have; use kind: dynamo");
    }
    if (!names_.insert(pool.name).second) {
      reader_.Refuse(PlaceOf(map, "name"), "two pools have the name " + Quoted(pool.name));
    }
    CheckListener(map, pool, who);
    CheckMemory(map, pool, who);
    if (pool.speculative_delay > pool.request_timeout) {
      reader_.Refuse(PlaceOf(map, "speculative_delay"),
                     who + "would ask a second replica only after its request_timeout");
    }
    if (config_.storage == StorageEngine::kMemory && pool.durability != env::Durability::kNone) {
      reader_.Refuse(PlaceOf(map, "durability"),
                     who +
                         "promises to keep data, but storage.engine: memory keeps none; say "
                         "durability: none, or storage.engine: journal");
    }
  }

 private:
  void CheckListener(const Value* map, const PoolConfig& pool, const std::string& who) {
    const Position place = PlaceOf(map, "listen");
    const auto [other, fresh] = addresses_.emplace(pool.listen, pool.name);
    if (!fresh && !pool.listen.ends_with(":0")) {
      reader_.Refuse(place, "pools " + other->second + " and " + pool.name +
                                " listen on the same " + "address; every pool has its own");
    }
    if (pool.tls != config_.pools.front().tls) {
      reader_.Refuse(PlaceOf(map, "tls"), "pools " + config_.pools.front().name + " and " +
                                              pool.name +
                                              " differ in tls: all pools of a node speak TLS with "
                                              "their clients, or none");
    }
    if (pool.tls && !config_.tls.configured()) {
      reader_.Refuse(
          PlaceOf(map, "tls"),
          who + "speaks TLS, but tls.certificate, tls.key and tls.authority are not set");
    }
    const bool has_password = !pool.password.empty() || !pool.password_file.empty();
    if (!pool.password.empty() && !pool.password_file.empty()) {
      reader_.Refuse(PlaceOf(map, "password"), who + "has both password and password_file");
    }
    if (BeyondLoopback(pool.listen) && !has_password && !config_.insecure) {
      reader_.Refuse(place, who + "listens beyond this machine (" + pool.listen +
                                ") without a password: set password_file, or say insecure to let "
                                "anyone who reaches the port read and write");
    }
  }

  void CheckMemory(const Value* map, const PoolConfig& pool, const std::string& who) {
    if (pool.eviction == node::Eviction::kNone) return;
    if (pool.memory_bytes_max == 0) {
      reader_.Refuse(PlaceOf(map, "eviction"), who + "has an eviction but no maxmemory");
    }
    if (ReplicasOf(config_, pool) > 1) {
      reader_.Refuse(PlaceOf(map, "eviction"),
                     who +
                         "has several replicas, and a replica that forgets on its own would get "
                         "everything back from the others; eviction is for pools of one replica");
    }
  }

  Reader& reader_;
  const NodeConfig& config_;
  std::set<std::string> names_;
  std::map<std::string, std::string> addresses_;
};

void CheckTls(Reader& reader, const Value& tree, const TlsConfig& tls) {
  const Value* map = tree.Find("tls");
  if (map == nullptr) return;
  for (const auto& [key, text] :
       {std::pair{"certificate", &tls.certificate}, std::pair{"key", &tls.key},
        std::pair{"authority", &tls.authority}}) {
    if (!text->empty()) continue;
    reader.Refuse(PlaceOf(map, key),
                  std::string("tls.") + key +
                      " is missing: certificate, key and authority are set together "
                      "(quorated cert makes all three)");
  }
}

void CheckOwnSeat(Reader& reader, const Value& tree, const NodeConfig& config) {
  if (OwnSeat(config) != nullptr) return;
  std::vector<std::string_view> names;
  for (const SeatConfig& seat : config.seats) names.push_back(seat.name);
  const Position place = PlaceOf(&tree, "seat");
  if (config.seat.empty()) {
    reader.Refuse(place,
                  "seat is missing: it says which of the seats this node is" + Suggest("", names));
  } else {
    reader.Refuse(place,
                  "no seat has the name " + Quoted(config.seat) + Suggest(config.seat, names));
  }
}

void CheckPeerSafety(Reader& reader, const Value& tree, const NodeConfig& config) {
  if (!IsCluster(config) || config.tls.configured() || config.insecure) return;
  const std::string way_out =
      " without TLS: make certificates with quorated cert and name them under tls, or say insecure "
      "to let anyone who reaches the port be a peer";
  if (BeyondLoopback(config.peer_listen)) {
    reader.Refuse(
        PlaceOf(tree.Find("peers"), "listen"),
        "peers would connect to " + config.peer_listen + " beyond this machine" + way_out);
    return;
  }
  for (size_t i = 0; i < config.seats.size(); ++i) {
    if (!BeyondLoopback(config.seats[i].address)) continue;
    reader.Refuse(
        PlaceOf(ItemOf(tree, "seats", i), "address"),
        "peers would speak with " + config.seats[i].address + " beyond this machine" + way_out);
    return;
  }
}

}  // namespace

void CheckNode(Reader& reader, const Value& tree, const NodeConfig& config) {
  if (config.data.empty()) reader.Refuse(PlaceOf(&tree, "data"), "data names no directory");
  if (!config.seats.empty() && !config.seeds_file.empty()) {
    reader.Refuse(PlaceOf(&tree, "seeds_file"), "seats and seeds_file exclude each other");
  }
  if (!config.seeds_file.empty() && config.seat.empty()) {
    reader.Refuse(PlaceOf(&tree, "seeds_file"),
                  "seat is missing: it is the host:port of this node in the seeds file");
  }
  CheckTls(reader, tree, config.tls);
  if (BeyondLoopback(config.admin_listen) && !config.insecure) {
    reader.Refuse(PlaceOf(tree.Find("admin"), "listen"),
                  "the admin server listens beyond this machine (" + config.admin_listen +
                      ") and asks for no password: use a loopback address, or say insecure");
  }
}

void CheckPools(Reader& reader, const Value& tree, const NodeConfig& config) {
  PoolChecker checker(reader, config);
  for (size_t i = 0; i < config.pools.size(); ++i) {
    checker.Check(ItemOf(tree, "pools", i), config.pools[i]);
  }
  if (config.pools.size() > topology::kPoolsMax) {
    reader.Refuse(PlaceOf(&tree, "pools"), Format("more than %d pools", topology::kPoolsMax));
  }
}

void CheckSeats(Reader& reader, const Value& tree, NodeConfig& config) {
  std::set<std::string> names;
  std::set<std::string> addresses;
  if (config.seats.size() > topology::kSeatsMax) {
    reader.Refuse(PlaceOf(&tree, "seats"), Format("more than %d seats", topology::kSeatsMax));
    return;
  }
  for (size_t i = 0; i < config.seats.size(); ++i) {
    SeatConfig& seat = config.seats[i];
    const Value* map = ItemOf(tree, "seats", i);
    if (seat.address.empty()) {
      reader.Refuse(PlaceOf(map, "address"), "a seat has an address (host:port)");
      continue;
    }
    reader.Check(PlaceOf(map, "address"), topology::ValidateAddress(seat.address));
    if (seat.name.empty()) seat.name = seat.address;
    if (!names.insert(seat.name).second) {
      reader.Refuse(PlaceOf(map, "name"), "two seats have the name " + Quoted(seat.name));
    }
    if (!addresses.insert(seat.address).second) {
      reader.Refuse(PlaceOf(map, "address"), "two seats have the address " + seat.address);
    }
  }
  if (config.seats.empty()) {
    if (!config.seat.empty()) {
      reader.Refuse(PlaceOf(&tree, "seat"), "seat names one of the seats, and there are none");
    }
    return;
  }
  CheckOwnSeat(reader, tree, config);
  CheckPeerSafety(reader, tree, config);
}

}  // namespace quorate::io
