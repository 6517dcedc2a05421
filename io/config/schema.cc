// SPDX-License-Identifier: Apache-2.0
#include "io/config/schema.h"

#include "engine/topology/limits.h"
#include "io/config/read_config.h"

namespace quorate::io {
namespace {

using hash::KeyHash;
using topology::Consistency;

constexpr Choice<env::Durability> kDurabilities[] = {
    {"always", env::Durability::kAlways},     {"periodic", env::Durability::kPeriodic},
    {"none", env::Durability::kNone},         {"DiskFirst", env::Durability::kAlways},
    {"MemFirst", env::Durability::kPeriodic},
};
constexpr Choice<node::Eviction> kEvictions[] = {
    {"none", node::Eviction::kNone},
    {"clock", node::Eviction::kClock},
};
constexpr Choice<env::LogLevel> kLogLevels[] = {
    {"debug", env::LogLevel::kDebug},
    {"info", env::LogLevel::kInfo},
    {"warning", env::LogLevel::kWarning},
    {"error", env::LogLevel::kError},
};
constexpr Choice<LogFormat> kLogFormats[] = {{"text", LogFormat::kText},
                                             {"json", LogFormat::kJson}};
constexpr Choice<StorageEngine> kStorageEngines[] = {
    {"journal", StorageEngine::kJournal},
    {"memory", StorageEngine::kMemory},
};
constexpr Choice<topology::PoolKind> kPoolKinds[] = {
    {"dynamo", topology::PoolKind::kDynamo},
    {"raft", topology::PoolKind::kRaft},
};
constexpr Choice<bool> kRecordValues[] = {{"hashed", true}, {"whole", false}};
constexpr Choice<bool> kUnsafeCommands[] = {{"refuse", false}, {"allow", true}};

void ReadConsistency(Reader& reader, const Value& value, Consistency& out) {
  std::string text;
  if (!reader.Text(value, text)) return;
  if (const auto level = topology::ParseConsistency(text)) {
    out = *level;
    return;
  }
  std::vector<std::string_view> names;
  for (int i = 0; i < topology::kConsistencyLevels; ++i) {
    names.push_back(topology::NameOf(static_cast<Consistency>(i)));
  }
  reader.Refuse(value.position, Quoted(text) + " is no consistency level" + Suggest(text, names));
}

void ReadHash(Reader& reader, const Value& value, KeyHash& out) {
  std::string text;
  if (!reader.Text(value, text)) return;
  if (const auto hash = hash::ParseKeyHash(text); hash.ok()) {
    out = *hash;
    return;
  }
  std::vector<std::string_view> names;
  for (int i = 0; i < hash::kKeyHashes; ++i) names.push_back(NameOf(static_cast<KeyHash>(i)));
  reader.Refuse(value.position, Quoted(text) + " is no key hash" + Suggest(text, names));
}

void ReadDistribution(Reader& reader, const Value& value, topology::Distribution& out) {
  static constexpr Choice<topology::Distribution> kDistributions[] = {
      {"vnode", topology::Distribution::kVnode},   {"ketama", topology::Distribution::kKetama},
      {"modula", topology::Distribution::kModula}, {"random", topology::Distribution::kRandom},
      {"single", topology::Distribution::kSingle},
  };
  reader.OneOf(value, kDistributions, "distribution", out);
}

void ReadHashTag(Reader& reader, const Value& value, hash::HashTag& out) {
  std::string text;
  if (!reader.Text(value, text)) return;
  const auto tag = hash::ParseHashTag(text);
  if (reader.Check(value.position, tag.status())) out = *tag;
}

// `3`, `racks` (a full copy in each), or a map of data centres.
void ReadReplicas(Reader& reader, const Value& value,
                  std::optional<topology::ReplicationRule>& out) {
  topology::ReplicationRule rule;
  if (value.kind == Value::Kind::kMap) {
    for (const Entry& entry : value.entries) {
      uint16_t replicas = 0;
      reader.Whole16(entry.value, 0, kReplicasPerDataCentreMax, replicas);
      rule.by_data_centre[entry.key] = replicas;
    }
  } else if (value.kind == Value::Kind::kScalar && value.scalar == "racks") {
    rule.copy_per_rack = true;
  } else {
    reader.Whole16(value, 1, kReplicasPerDataCentreMax, rule.per_data_centre);
  }
  out = rule;
}

void ReadPassword(Reader& reader, const Value& value, std::string& out) {
  // Never quoted back: refusals reach logs.
  if (value.kind != Value::Kind::kScalar) {
    reader.Refuse(value.position, "the password is a single text");
  } else if (value.scalar.empty() || value.scalar.size() > kPasswordBytesMax) {
    reader.Refuse(value.position, Format("a password has 1 to %d bytes", kPasswordBytesMax));
  } else {
    out = value.scalar;
  }
}

// A list of numbers, or one text with commas.
void ReadTokens(Reader& reader, const Value& value, std::string& out) {
  if (value.kind != Value::Kind::kList) {
    reader.Text(value, out);
    return;
  }
  out.clear();
  for (const Value& item : value.items) {
    std::string token;
    if (!reader.Text(item, token)) return;
    out += out.empty() ? token : "," + token;
  }
}

void ReadNodeId(Reader& reader, const Value& value, std::optional<NodeId>& out) {
  std::string text;
  if (!reader.Text(value, text)) return;
  uint64_t id = 0;
  bool good = text.size() == 16;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = c >= 'a' && c <= 'f';
    good = good && (digit || letter);
    id = id * 16 + static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  if (!good || id == 0) {
    reader.Refuse(value.position, Quoted(text) + " is no node id; it has 16 hexadecimal digits");
    return;
  }
  out = NodeId{id};
}

constexpr Field<SeatConfig> kSeat[] = {
    {"name", [](Reader& r, const Value& v, SeatConfig& c) { r.Name(v, c.name); }},
    {"address", [](Reader& r, const Value& v, SeatConfig& c) { r.Address(v, c.address); }},
    {"rack", [](Reader& r, const Value& v, SeatConfig& c) { r.Name(v, c.rack); }},
    {"datacenter", [](Reader& r, const Value& v, SeatConfig& c) { r.Name(v, c.data_centre); }},
    {"tokens", [](Reader& r, const Value& v, SeatConfig& c) { ReadTokens(r, v, c.tokens); }},
    {"weight", [](Reader& r, const Value& v,
                  SeatConfig& c) { r.Whole16(v, 1, topology::kWeightMax, c.weight); }},
    {"disk",
     [](Reader& r, const Value& v, SeatConfig& c) { r.Whole(v, 1, kDiskGenerationMax, c.disk); }},
    {"node_id", [](Reader& r, const Value& v, SeatConfig& c) { ReadNodeId(r, v, c.node_id); }},
};

constexpr Field<TlsConfig> kTls[] = {
    {"certificate", [](Reader& r, const Value& v, TlsConfig& c) { r.Text(v, c.certificate); }},
    {"key", [](Reader& r, const Value& v, TlsConfig& c) { r.Text(v, c.key); }},
    {"authority", [](Reader& r, const Value& v, TlsConfig& c) { r.Text(v, c.authority); }},
};

constexpr Field<NodeConfig> kPeers[] = {
    {"listen", [](Reader& r, const Value& v, NodeConfig& c) { r.Address(v, c.peer_listen); }},
    {"virtual_tokens",
     [](Reader& r, const Value& v, NodeConfig& c) {
       r.Whole16(v, 1, topology::kVirtualTokensMax, c.virtual_tokens);
     }},
};

constexpr Field<NodeConfig> kLog[] = {
    {"level", [](Reader& r, const Value& v,
                 NodeConfig& c) { r.OneOf(v, kLogLevels, "log level", c.log_level); }},
    {"format", [](Reader& r, const Value& v,
                  NodeConfig& c) { r.OneOf(v, kLogFormats, "log format", c.log_format); }},
};

constexpr Field<NodeConfig> kAdmin[] = {
    {"listen", [](Reader& r, const Value& v, NodeConfig& c) { r.Address(v, c.admin_listen); }},
};

constexpr Field<NodeConfig> kStorage[] = {
    {"engine", [](Reader& r, const Value& v,
                  NodeConfig& c) { r.OneOf(v, kStorageEngines, "storage engine", c.storage); }},
    {"journal_max",
     [](Reader& r, const Value& v, NodeConfig& c) { r.ByteSize(v, c.journal_bytes_max); }},
    {"dirty_max",
     [](Reader& r, const Value& v, NodeConfig& c) { r.ByteSize(v, c.dirty_bytes_max); }},
    {"sync_interval",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Time(v, 1ms, 60s, c.sync_interval); }},
};

constexpr Field<NodeConfig> kLimits[] = {
    {"clients", [](Reader& r, const Value& v,
                   NodeConfig& c) { r.Whole(v, 1, kClientsMaxLimit, c.clients_max); }},
};

constexpr Field<NodeConfig> kRecord[] = {
    {"file", [](Reader& r, const Value& v, NodeConfig& c) { r.Text(v, c.record.file); }},
    {"bytes",
     [](Reader& r, const Value& v, NodeConfig& c) {
       r.ByteSize(v, c.record.bytes_max);
       if (c.record.bytes_max >= kRecordBytesMin) return;
       r.Refuse(v.position, Format("a recording has at least %u bytes", kRecordBytesMin));
     }},
    {"values",
     [](Reader& r, const Value& v, NodeConfig& c) {
       r.OneOf(v, kRecordValues, "way to record values", c.record.hides);
     }},
};

constexpr Field<PoolConfig> kPool[] = {
    {"name", [](Reader& r, const Value& v, PoolConfig& c) { r.Name(v, c.name); }},
    {"kind",
     [](Reader& r, const Value& v, PoolConfig& c) { r.OneOf(v, kPoolKinds, "pool kind", c.kind); }},
    {"listen", [](Reader& r, const Value& v, PoolConfig& c) { r.Listener(v, c.listen); }},
    {"tls", [](Reader& r, const Value& v, PoolConfig& c) { r.Switch(v, c.tls); }},
    {"hash", [](Reader& r, const Value& v, PoolConfig& c) { ReadHash(r, v, c.hash); }},
    {"hash_tag", [](Reader& r, const Value& v, PoolConfig& c) { ReadHashTag(r, v, c.tag); }},
    {"distribution",
     [](Reader& r, const Value& v, PoolConfig& c) { ReadDistribution(r, v, c.distribution); }},
    {"replicas",
     [](Reader& r, const Value& v, PoolConfig& c) { ReadReplicas(r, v, c.replication); }},
    {"partitions", [](Reader& r, const Value& v,
                      PoolConfig& c) { r.Whole16(v, 1, kPartitionsMax, c.partitions); }},
    {"read_consistency",
     [](Reader& r, const Value& v, PoolConfig& c) { ReadConsistency(r, v, c.read); }},
    {"write_consistency",
     [](Reader& r, const Value& v, PoolConfig& c) { ReadConsistency(r, v, c.write); }},
    {"durability", [](Reader& r, const Value& v,
                      PoolConfig& c) { r.OneOf(v, kDurabilities, "durability", c.durability); }},
    {"request_timeout",
     [](Reader& r, const Value& v, PoolConfig& c) { r.Time(v, 10ms, 600s, c.request_timeout); }},
    {"speculative_delay",
     [](Reader& r, const Value& v, PoolConfig& c) { r.Time(v, 1ms, 600s, c.speculative_delay); }},
    {"maxmemory",
     [](Reader& r, const Value& v, PoolConfig& c) { r.ByteSize(v, c.memory_bytes_max); }},
    {"eviction", [](Reader& r, const Value& v,
                    PoolConfig& c) { r.OneOf(v, kEvictions, "eviction", c.eviction); }},
    {"unsafe_commands",
     [](Reader& r, const Value& v, PoolConfig& c) {
       r.OneOf(v, kUnsafeCommands, "rule for unsafe commands", c.unsafe_commands);
     }},
    {"password", [](Reader& r, const Value& v, PoolConfig& c) { ReadPassword(r, v, c.password); }},
    {"password_file", [](Reader& r, const Value& v, PoolConfig& c) { r.Text(v, c.password_file); }},
};

void ReadVersion(Reader& reader, const Value& value) {
  uint64_t version = 0;
  std::string text;
  if (!reader.Text(value, text)) return;
  const std::optional<uint64_t> number = ParseWhole(text);
  version = number.value_or(0);
  if (version >= kConfigVersionOldest && version <= kConfigVersion) return;
  reader.Refuse(value.position, Format("configuration version %s is not known; this release reads "
                                       "%d to %d",
                                       Quoted(text), kConfigVersionOldest, kConfigVersion));
}

constexpr Field<NodeConfig> kNode[] = {
    {"version", [](Reader& r, const Value& v, NodeConfig&) { ReadVersion(r, v); }},
    {"cluster", [](Reader& r, const Value& v, NodeConfig& c) { r.Name(v, c.cluster); }},
    {"data", [](Reader& r, const Value& v, NodeConfig& c) { r.Text(v, c.data); }},
    {"shards",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Whole16(v, 1, kConfigShardsMax, c.shards); }},
    {"insecure", [](Reader& r, const Value& v, NodeConfig& c) { r.Switch(v, c.insecure); }},
    {"seat", [](Reader& r, const Value& v, NodeConfig& c) { r.Text(v, c.seat); }},
    {"seats", [](Reader& r, const Value& v,
                 NodeConfig& c) { r.ListOf<SeatConfig>(v, kSeat, "a seat", c.seats); }},
    {"seeds_file", [](Reader& r, const Value& v, NodeConfig& c) { r.Text(v, c.seeds_file); }},
    {"peers",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Map<NodeConfig>(v, kPeers, "peers", c); }},
    {"tls",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Map<TlsConfig>(v, kTls, "tls", c.tls); }},
    {"log", [](Reader& r, const Value& v, NodeConfig& c) { r.Map<NodeConfig>(v, kLog, "log", c); }},
    {"admin",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Map<NodeConfig>(v, kAdmin, "admin", c); }},
    {"storage", [](Reader& r, const Value& v,
                   NodeConfig& c) { r.Map<NodeConfig>(v, kStorage, "storage", c); }},
    {"record",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Map<NodeConfig>(v, kRecord, "record", c); }},
    {"limits",
     [](Reader& r, const Value& v, NodeConfig& c) { r.Map<NodeConfig>(v, kLimits, "limits", c); }},
    {"pools", [](Reader& r, const Value& v,
                 NodeConfig& c) { r.ListOf<PoolConfig>(v, kPool, "a pool", c.pools); }},
};

template <typename T>
void AddPaths(std::string_view prefix, std::span<const Field<T>> fields,
              std::vector<std::string>& paths) {
  for (const Field<T>& field : fields) {
    paths.push_back(std::string(prefix) + std::string(field.name));
  }
}

}  // namespace

void ReadSettings(Reader& reader, const Value& tree, NodeConfig& config) {
  reader.Map<NodeConfig>(tree, kNode, "the configuration", config);
}

std::vector<std::string> SettingPaths() {
  std::vector<std::string> paths;
  for (const Field<NodeConfig>& field : kNode) {
    if (field.name == "seats") {
      AddPaths<SeatConfig>("seats[].", kSeat, paths);
    } else if (field.name == "peers") {
      AddPaths<NodeConfig>("peers.", kPeers, paths);
    } else if (field.name == "tls") {
      AddPaths<TlsConfig>("tls.", kTls, paths);
    } else if (field.name == "log") {
      AddPaths<NodeConfig>("log.", kLog, paths);
    } else if (field.name == "admin") {
      AddPaths<NodeConfig>("admin.", kAdmin, paths);
    } else if (field.name == "storage") {
      AddPaths<NodeConfig>("storage.", kStorage, paths);
    } else if (field.name == "record") {
      AddPaths<NodeConfig>("record.", kRecord, paths);
    } else if (field.name == "limits") {
      AddPaths<NodeConfig>("limits.", kLimits, paths);
    } else if (field.name == "pools") {
      AddPaths<PoolConfig>("pools[].", kPool, paths);
    } else {
      paths.emplace_back(field.name);
    }
  }
  return paths;
}

}  // namespace quorate::io
