// SPDX-License-Identifier: Apache-2.0
// What an operator decides about one node, as plain values with the safe defaults. README.md has
// the table of settings and what each is for.
//
// Seats and who sits in them. A cluster of several seats is static: every node reads the same list.
// The node of a seat is known to all without an exchange because its id is derived from the
// cluster's name, the seat's name and the seat's `disk` number. A data directory keeps the id it
// was made with, and refuses another. So after a disk was lost the operator raises `disk` at that
// seat, on every node: the new disk is a new node in the old seat, with the same tokens, and nobody
// mistakes it for the one that held data. A node alone has a random id, made with its data
// directory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "engine/node/shard_options.h"
#include "engine/topology/consistency.h"
#include "engine/topology/topology_spec.h"
#include "io/recording/record_options.h"

namespace quorate::io {

struct SeatConfig {
  std::string name;     // defaults to the address
  std::string address;  // host:port, where the other nodes reach it
  std::string rack = "rack1";
  std::string data_centre = "dc1";
  std::string tokens;  // decimal numbers with commas between; empty: derived
  uint16_t weight = 1;
  uint64_t disk = 1;              // raised when the seat gets a new, empty disk
  std::optional<NodeId> node_id;  // in place of the derived one
};

struct TlsConfig {
  std::string certificate;  // PEM files
  std::string key;
  std::string authority;
  [[nodiscard]] bool configured() const { return !certificate.empty(); }
};

struct PoolConfig {
  std::string name = "main";
  topology::PoolKind kind = topology::PoolKind::kDynamo;
  std::string listen = "127.0.0.1:7379";
  bool tls = false;  // clients speak TLS, with the node's certificate
  hash::KeyHash hash = hash::KeyHash::kXxh3;
  hash::HashTag tag = hash::HashTag::RedisCluster();
  topology::Distribution distribution = topology::Distribution::kVnode;
  // Not set: 3 per data centre, or all nodes of the smallest where it has fewer.
  std::optional<topology::ReplicationRule> replication;
  uint16_t partitions = 256;
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  env::Durability durability = env::Durability::kAlways;
  Duration request_timeout = 5s;
  Duration speculative_delay = 50ms;
  uint64_t memory_bytes_max = 0;  // of the node; 0: no limit
  node::Eviction eviction = node::Eviction::kNone;
  bool unsafe_commands = false;
  std::string password;
  std::string password_file;
};

enum class LogFormat : uint8_t { kText, kJson };
enum class StorageEngine : uint8_t { kJournal, kMemory };

struct NodeConfig {
  std::string cluster = "quorate";
  std::string data = "data";  // directory
  uint16_t shards = 1;
  std::string seat;  // the name of this node's own; needed where there are several
  std::vector<SeatConfig> seats;
  std::string seeds_file;   // seats in Dynomite's form, in place of `seats`
  std::string peer_listen;  // empty: the address of the own seat
  uint16_t virtual_tokens = 64;
  TlsConfig tls;
  bool insecure = false;

  env::LogLevel log_level = env::LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::string admin_listen;  // empty: no admin server

  StorageEngine storage = StorageEngine::kJournal;
  uint64_t journal_bytes_max = 0;  // 0: the backend's own limit
  uint64_t dirty_bytes_max = 0;
  Duration sync_interval = 100ms;  // of `durability: periodic`
  uint64_t clients_max = 10'000;
  RecordOptions record;

  std::vector<PoolConfig> pools;
};

// The own seat, by name or as the only one; null where the configuration names none.
[[nodiscard]] const SeatConfig* OwnSeat(const NodeConfig& config);
// True where the node has peers.
[[nodiscard]] bool IsCluster(const NodeConfig& config);

}  // namespace quorate::io
