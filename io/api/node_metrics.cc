// SPDX-License-Identifier: Apache-2.0
#include "io/api/node_metrics.h"

#include <array>

#include "engine/base/status.h"

namespace quorate::api {
namespace {

int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }

class Collector {
 public:
  void One(Metric::Kind kind, const char* name, const char* help, uint64_t value) {
    MetricSample sample;
    sample.value = Signed(value);
    Add(kind, name, help).samples.push_back(std::move(sample));
  }
  void Gauge(const char* name, const char* help, uint64_t value) {
    One(Metric::Kind::kGauge, name, help, value);
  }
  void Counter(const char* name, const char* help, uint64_t value) {
    One(Metric::Kind::kCounter, name, help, value);
  }
  Metric& Add(Metric::Kind kind, const char* name, const char* help) {
    Metric& metric = snapshot_.emplace_back();
    metric.name = name;
    metric.help = help;
    metric.kind = kind;
    return metric;
  }
  // In seconds, from buckets in microseconds.
  void Latency(const char* name, const char* help, const io::LatencyHistogram& histogram) {
    Metric& metric = Add(Metric::Kind::kHistogram, name, help);
    metric.decimals = 6;
    MetricSample sample;
    // The last bucket has no bound.
    for (size_t i = 0; i + 1 < io::LatencyHistogram::kBuckets; ++i) {
      sample.buckets.push_back({int64_t{1} << i, histogram.buckets[i]});
    }
    sample.above = histogram.buckets.back();
    sample.sum = Signed(histogram.sum_us);
    metric.samples.push_back(std::move(sample));
  }
  [[nodiscard]] MetricsSnapshot Take() { return std::move(snapshot_); }

 private:
  MetricsSnapshot snapshot_;
};

struct ShardMetric {
  Metric::Kind kind;
  const char* name;
  const char* help;
  uint64_t node::Shard::Stats::*field;
};

using Stats = node::Shard::Stats;
constexpr Metric::Kind kCounter = Metric::Kind::kCounter;
constexpr Metric::Kind kGauge = Metric::Kind::kGauge;
constexpr std::array kShardMetrics = {
    ShardMetric{kCounter, "quorate_commands_total", "Commands of clients.", &Stats::commands},
    ShardMetric{kCounter, "quorate_ticks_total", "Ticks of a shard.", &Stats::ticks},
    ShardMetric{kCounter, "quorate_commits_total", "Transactions given to storage.",
                &Stats::commits},
    ShardMetric{kCounter, "quorate_messages_received_total",
                "Messages from peers and sibling shards.", &Stats::messages_in},
    ShardMetric{kCounter, "quorate_messages_sent_total", "Messages to peers and sibling shards.",
                &Stats::messages_out},
    ShardMetric{kCounter, "quorate_read_repairs_total", "Replicas repaired by a read.",
                &Stats::read_repairs},
    ShardMetric{kCounter, "quorate_restamps_total",
                "Writes stamped again above a higher version of a replica.", &Stats::restamps},
    ShardMetric{kCounter, "quorate_quorum_failures_total",
                "Requests that did not reach their level in time.", &Stats::quorum_failures},
    ShardMetric{kCounter, "quorate_expired_total", "Objects whose deadline passed.",
                &Stats::expired},
    ShardMetric{kCounter, "quorate_evicted_total", "Objects forgotten at maxmemory.",
                &Stats::evicted},
    ShardMetric{kGauge, "quorate_operations_in_flight", "Operations being coordinated.",
                &Stats::operations_in_flight},
    ShardMetric{kGauge, "quorate_objects", "Objects held.", &Stats::objects},
    ShardMetric{kGauge, "quorate_logical_bytes", "Bytes of keys and values held.",
                &Stats::logical_bytes},
};

void AddShards(const io::RuntimeStats& stats, Collector& collect) {
  for (const ShardMetric& one : kShardMetrics) {
    Metric& metric = collect.Add(one.kind, one.name, one.help);
    for (size_t shard = 0; shard < stats.shards.size(); ++shard) {
      MetricSample sample;
      sample.labels.emplace_back("shard", std::to_string(shard));
      sample.value = Signed(stats.shards[shard].*one.field);
      metric.samples.push_back(std::move(sample));
    }
  }
}

void AddLinks(const io::LinkCounters& links, Collector& collect) {
  collect.Gauge("quorate_links_connected", "Links to peers that are up.", links.connected);
  collect.Gauge("quorate_links_accepted", "Links from peers that are up.", links.accepted);
  collect.Counter("quorate_link_connects_total", "Attempts to connect to a peer.", links.connects);
  collect.Counter("quorate_link_connect_failures_total", "Attempts that failed.",
                  links.connect_failures);
  collect.Counter("quorate_link_disconnects_total", "Links that ended.", links.disconnects);
  collect.Counter("quorate_link_refused_total",
                  "Peers turned away: foreign cluster, node or certificate.", links.refused);
  collect.Counter("quorate_link_frames_sent_total", "Frames to peers.", links.frames_out);
  collect.Counter("quorate_link_frames_received_total", "Frames from peers.", links.frames_in);
  collect.Counter("quorate_link_unknown_messages_total",
                  "Messages that only a later release knows, left out.", links.messages_unknown);
  collect.Counter("quorate_link_sent_bytes_total", "Bytes to peers.", links.bytes_out);
  collect.Counter("quorate_link_received_bytes_total", "Bytes from peers.", links.bytes_in);
  collect.Counter("quorate_link_dropped_total",
                  "Messages not sent: the peer is away, or its queue is full.", links.dropped);
}

void AddStorage(const io::RuntimeStats& stats, Collector& collect) {
  collect.Gauge("quorate_journal_bytes", "Journal not yet in the checkpoint.",
                stats.storage.journal_bytes);
  collect.Gauge("quorate_journal_bytes_max", "Its limit.", stats.storage.journal_bytes_max);
  collect.Gauge("quorate_dirty_bytes", "Rows not yet in the checkpoint.",
                stats.storage.dirty_bytes);
  collect.Gauge("quorate_dirty_bytes_max", "Their limit.", stats.storage.dirty_bytes_max);
  collect.Counter("quorate_checkpoints_total", "Sweeps into the checkpoint.",
                  stats.storage.checkpoints);
  collect.Counter("quorate_storage_commits_total", "Commits done.", stats.storage_commits);
  collect.Counter("quorate_storage_groups_total", "Appends that carried them.",
                  stats.storage_groups);
  collect.Counter("quorate_storage_syncs_total", "Syncs of the disk.", stats.storage_syncs);
  collect.Gauge("quorate_storage_backlog_bytes", "Commits waiting for the disk.",
                stats.storage_backlog_bytes);
  collect.Latency("quorate_commit_seconds", "From submission to completion of a commit.",
                  stats.commits);
}

}  // namespace

MetricsSnapshot MetricsOf(const io::RuntimeStats& stats, const NodeFacts& facts) {
  Collector collect;
  Metric& info = collect.Add(Metric::Kind::kGauge, "quorate_info", "What this node is.");
  MetricSample sample;
  sample.labels = {{"version", facts.version}, {"node", Format("%016x", facts.node.value)}};
  sample.value = 1;
  info.samples.push_back(std::move(sample));
  collect.Gauge("quorate_incarnation", "How often this node was started.", facts.incarnation.value);
  collect.Gauge("quorate_ready", "1 once stored data are loaded.", facts.ready ? 1 : 0);
  collect.Gauge("quorate_healthy", "0 once the node refuses everything.", facts.healthy ? 1 : 0);
  collect.Counter("quorate_log_lines_dropped_total", "Lines the rate limit left out.",
                  facts.log_lines_dropped);
  collect.Gauge("quorate_clients", "Client connections.", stats.clients);
  collect.Counter("quorate_clients_accepted_total", "Client connections accepted.",
                  stats.clients_accepted);
  collect.Counter("quorate_clients_refused_total", "Clients above the limit.",
                  stats.clients_refused);
  collect.Counter("quorate_clients_evicted_total", "Clients closed: idle, or owing too much.",
                  stats.clients_evicted);
  collect.Counter("quorate_sibling_drops_total", "Messages between shards that found a full queue.",
                  stats.queue_drops);
  collect.Latency("quorate_tick_seconds", "Length of a tick.", stats.ticks);
  AddShards(stats, collect);
  AddLinks(stats.links, collect);
  AddStorage(stats, collect);
  return collect.Take();
}

}  // namespace quorate::api
