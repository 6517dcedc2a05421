// SPDX-License-Identifier: Apache-2.0
#include "engine/node/info.h"

namespace quorate::node {
namespace {

using Lines = std::vector<std::string>;

std::string_view NameOf(env::Durability durability) {
  switch (durability) {
    case env::Durability::kAlways:
      return "always";
    case env::Durability::kPeriodic:
      return "periodic";
    case env::Durability::kNone:
      return "none";
  }
  return "";
}

Lines ServerLines(const ShardState& shard, Instant started) {
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(shard.now() - started).count();
  return {
      // Clients read the version that the command set follows from this field.
      "redis_version:7.0.15",
      Format("quorate_version:%s", shard.options.version),
      "redis_mode:standalone",
      Format("arch_bits:%d", 64),
      "multiplexing_api:epoll",
      Format("run_id:%016x", shard.self().value),
      Format("node_id:%016x", shard.self().value),
      Format("incarnation:%u", shard.options.record.incarnation.value),
      Format("shard:%u", shard.options.shard.value),
      Format("shards:%u", shard.options.shards),
      Format("uptime_in_seconds:%d", up),
      Format("uptime_in_days:%d", up / 86'400),
  };
}

Lines MemoryLines(const ShardState& shard, const PoolInfo& pool) {
  return {Format("used_memory:%u", pool.bytes), Format("used_memory_dataset:%u", pool.bytes),
          Format("maxmemory:%u", shard.config.memory_bytes_max()),
          Format("maxmemory_policy:%s", shard.config.evicts() ? "allkeys-lru" : "noeviction"),
          "mem_allocator:libc"};
}

Lines PersistenceLines(const ShardState& shard, const PoolInfo& pool, const Shard::Stats& stats) {
  return {Format("loading:%d", shard.loading ? 1 : 0), "async_loading:0",
          // Nothing is ever saved as Redis does it.
          Format("rdb_changes_since_last_save:%u", stats.changes), "rdb_bgsave_in_progress:0",
          "aof_enabled:0", "aof_rewrite_in_progress:0",
          Format("durability:%s", std::string(NameOf(pool.options->durability))),
          Format("commits:%u", stats.commits), Format("disk_full:%d", shard.disk_full ? 1 : 0),
          Format("storage_ok:%d", shard.health.ok() ? 1 : 0)};
}

Lines StatsLines(const Shard::Stats& stats) {
  return {Format("total_commands_processed:%u", stats.commands),
          Format("expired_keys:%u", stats.expired),
          Format("evicted_keys:%u", stats.evicted),
          Format("total_error_replies:%u", stats.error_replies),
          Format("ticks:%u", stats.ticks),
          Format("messages_in:%u", stats.messages_in),
          Format("messages_out:%u", stats.messages_out)};
}

Lines QuorateLines(const ShardState& shard, const PoolInfo& pool, const Shard::Stats& stats) {
  return {Format("cluster:%s", shard.topology.cluster()),
          Format("epoch:%u", shard.topology.epoch().value),
          Format("nodes:%u", shard.topology.seats().size()),
          Format("pool:%s", pool.spec->name),
          "pool_kind:dynamo",
          Format("partitions:%u", pool.spec->partitions),
          Format("read_consistency:%s", std::string(topology::NameOf(pool.options->read))),
          Format("write_consistency:%s", std::string(topology::NameOf(pool.options->write))),
          Format("durability:%s", std::string(NameOf(pool.options->durability))),
          Format("unsafe_commands:%s", pool.options->unsafe_commands ? "allow" : "refuse"),
          Format("operations_in_flight:%u", stats.operations_in_flight),
          Format("read_repairs:%u", stats.read_repairs),
          Format("restamps:%u", stats.restamps),
          Format("quorum_failures:%u", stats.quorum_failures),
          Format("clock_offset_ms:%d", -shard.peer_clocks.MedianOffsetMs()),
          Format("tombstones:%u", pool.dead)};
}

Lines KeyspaceLines(const PoolInfo& pool) {
  const size_t live = pool.objects - pool.dead;
  if (live == 0) return {};
  return {Format("db0:keys=%u,expires=%u,avg_ttl=0", live, pool.deadlines)};
}

}  // namespace

Lines InfoLines(std::string_view section, const ShardState& shard, const Shard::Stats& stats,
                const PoolInfo& pool, Instant started) {
  if (section == "server") return ServerLines(shard, started);
  if (section == "clients") {
    return {Format("connected_clients:%u", stats.clients), "blocked_clients:0",
            Format("maxclients:%u", shard.config.clients_max())};
  }
  if (section == "memory") return MemoryLines(shard, pool);
  if (section == "persistence") return PersistenceLines(shard, pool, stats);
  if (section == "stats") return StatsLines(stats);
  if (section == "replication") {
    return {"role:master", "connected_slaves:0", "master_repl_offset:0", "second_repl_offset:-1",
            "repl_backlog_active:0"};
  }
  if (section == "cpu") return {"used_cpu_sys:0.000000", "used_cpu_user:0.000000"};
  if (section == "cluster") return {"cluster_enabled:0"};
  if (section == "quorate") return QuorateLines(shard, pool, stats);
  if (section == "keyspace") return KeyspaceLines(pool);
  return {};
}

}  // namespace quorate::node
