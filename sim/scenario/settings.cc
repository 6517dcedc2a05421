// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/settings.h"

#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>

namespace quorate::sim {
namespace {

// Of a world, or of one of its pools.
template <typename Config>
struct Setting {
  std::string_view name;
  int64_t (*get)(const Config&);
  void (*set)(Config&, int64_t);
  int64_t max;
};

template <typename Field>
int64_t Number(const Field& field) {
  return static_cast<int64_t>(field);
}
int64_t Number(const Duration& field) { return field.count(); }

template <typename Field>
void Assign(Field& field, int64_t value) {
  field = static_cast<Field>(value);
}
void Assign(Duration& field, int64_t value) { field = Duration(value); }

template <typename Field>
constexpr int64_t MaxOf() {
  if constexpr (std::is_same_v<Field, bool> || std::is_same_v<Field, StorageKind>) return 1;
  if constexpr (std::is_same_v<Field, env::Durability>) return 2;
  if constexpr (std::is_same_v<Field, hash::KeyHash>) return hash::kKeyHashes - 1;
  if constexpr (std::is_same_v<Field, topology::Consistency>) {
    return topology::kConsistencyLevels - 1;
  }
  if constexpr (std::is_same_v<Field, Duration> || sizeof(Field) > 4) {
    return std::numeric_limits<int64_t>::max();
  } else if constexpr (std::is_integral_v<Field>) {
    return static_cast<int64_t>(std::numeric_limits<Field>::max());
  }
  return std::numeric_limits<int64_t>::max();
}

#define QUORATE_SETTING_OF(Config, name, field)                              \
  Setting<Config> {                                                          \
    name, [](const Config& config) { return Number(config.field); },         \
        [](Config& config, int64_t value) { Assign(config.field, value); },  \
        MaxOf<std::remove_cvref_t<decltype(std::declval<Config>().field)>>() \
  }
#define QUORATE_POOL_SETTING(name, field) QUORATE_SETTING_OF(PoolConfig, name, field)
#define QUORATE_SETTING(name, field) QUORATE_SETTING_OF(WorldConfig, name, field)

// As SettingOfPool calls them.
constexpr std::array kPoolSettings = {
    QUORATE_POOL_SETTING("replicas", replicas),
    QUORATE_POOL_SETTING("partitions", partitions),
    QUORATE_POOL_SETTING("key-hash", hash),
    QUORATE_POOL_SETTING("durability", durability),
    QUORATE_POOL_SETTING("read", read),
    QUORATE_POOL_SETTING("write", write),
    QUORATE_POOL_SETTING("request-timeout-us", request_timeout),
    QUORATE_POOL_SETTING("speculative-delay-us", speculative_delay),
    QUORATE_POOL_SETTING("unsafe-commands", unsafe_commands),
    QUORATE_POOL_SETTING("memory-bytes-max", memory_bytes_max),
    QUORATE_POOL_SETTING("evicts", evicts),
};

constexpr std::array kSettings = {
    QUORATE_SETTING("data-centres", data_centres),
    QUORATE_SETTING("racks", racks),
    QUORATE_SETTING("virtual-tokens", virtual_tokens),
    QUORATE_SETTING("shards-min", shards_min),
    QUORATE_SETTING("shards-max", shards_max),
    QUORATE_SETTING("reshard", reshard),
    QUORATE_SETTING("storage", storage),
    QUORATE_SETTING("delay-rack-us", delays.rack),
    QUORATE_SETTING("delay-data-centre-us", delays.data_centre),
    QUORATE_SETTING("delay-between-min-us", delays.between_min),
    QUORATE_SETTING("delay-between-max-us", delays.between_max),
    QUORATE_SETTING("delay-tail-us", delays.tail_mean),
    QUORATE_SETTING("sample-all-messages", sample_all_messages),
    QUORATE_SETTING("clock-offset-max-us", clock_offset_max),
    QUORATE_SETTING("clock-drift-ppm-max", clock_drift_ppm_max),
    QUORATE_SETTING("clock-grain-us", clock_grain),
    QUORATE_SETTING("clients", clients),
    QUORATE_SETTING("think-us", client.think_mean),
    QUORATE_SETTING("client-timeout-us", client.timeout),
    QUORATE_SETTING("pipeline-max", client.pipeline_max),
    QUORATE_SETTING("keys", workload.keys),
    QUORATE_SETTING("fill-per-client", workload.fill_per_client),
    QUORATE_SETTING("hot-keys", workload.hot_keys),
    QUORATE_SETTING("hot-ppm", workload.hot_ppm),
    QUORATE_SETTING("hash-fields", workload.hash_fields),
    QUORATE_SETTING("value-bytes-max", workload.value_bytes_max),
    QUORATE_SETTING("deadline-ms-max", workload.deadline_ms_max),
    QUORATE_SETTING("sweep-clients", sweep_clients),
    QUORATE_SETTING("walkers", walkers),
    QUORATE_SETTING("probes", probes),
    QUORATE_SETTING("power-cut", power_cut),
    QUORATE_SETTING("sync-min-us", memory.sync_min),
    QUORATE_SETTING("sync-tail-us", memory.sync_tail_mean),
    QUORATE_SETTING("slow-ppm", memory.slow_ppm),
    QUORATE_SETTING("slow-us", memory.slow_mean),
    QUORATE_SETTING("stall-max-us", faults.stall_max),
    QUORATE_SETTING("lost-lists", faults.lost_lists),
    QUORATE_SETTING("limit-operations", limits.operations),
    QUORATE_SETTING("limit-waiters-per-key", limits.waiters_per_key),
    QUORATE_SETTING("limit-taken-requests", limits.taken_requests),
    QUORATE_SETTING("limit-reaps", limits.reaps),
    QUORATE_SETTING("limit-load-bytes", limits.load_bytes),
    QUORATE_SETTING("limit-clock-reserve-ms", limits.clock_reserve_ms),
};

#undef QUORATE_SETTING
#undef QUORATE_POOL_SETTING
#undef QUORATE_SETTING_OF

constexpr uint32_t kMillion = 1'000'000;

std::string NameOfSetting(FaultPoint point) {
  return Format("point-%s-ppm", NameOf(MarkOf(point)));
}

std::optional<FaultPoint> FindPoint(std::string_view name) {
  for (size_t i = 0; i < kFaultPoints; ++i) {
    if (NameOfSetting(static_cast<FaultPoint>(i)) == name) return static_cast<FaultPoint>(i);
  }
  return std::nullopt;
}

// The number, from 0 to max; nothing for any other text.
std::optional<int64_t> Parse(std::string_view text, int64_t max) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value <= max ? std::optional(value) : std::nullopt;
}

absl::Status ApplySetting(const std::string& name, const std::string& text, WorldConfig& config) {
  int64_t max = -1;
  std::function<void(int64_t)> set;
  for (const Setting<WorldConfig>& setting : kSettings) {
    if (setting.name != name) continue;
    max = setting.max;
    set = [&](int64_t value) { setting.set(config, value); };
  }
  for (size_t pool = 0; pool < config.pools.size(); ++pool) {
    for (const Setting<PoolConfig>& setting : kPoolSettings) {
      if (SettingOfPool(pool, setting.name) != name) continue;
      max = setting.max;
      set = [&config, pool, &setting](int64_t value) { setting.set(config.pools[pool], value); };
    }
  }
  if (const std::optional<FaultPoint> point = FindPoint(name)) {
    max = kMillion;
    set = [&config, point](int64_t value) {
      config.points.Set(*point, static_cast<uint32_t>(value));
    };
  }
  if (!set) return InvalidArgument(Format("no setting '%s'", name));
  const std::optional<int64_t> value = Parse(text, max);
  if (!value) return InvalidArgument(Format("setting %s cannot be '%s'", name, text));
  set(*value);
  return absl::OkStatus();
}

}  // namespace

Settings SettingsOf(const WorldConfig& config) {
  Settings settings;
  for (size_t pool = 0; pool < config.pools.size(); ++pool) {
    for (const Setting<PoolConfig>& setting : kPoolSettings) {
      settings.emplace_back(SettingOfPool(pool, setting.name),
                            std::to_string(setting.get(config.pools[pool])));
    }
  }
  if (config.pools.size() > 1) {
    settings.emplace_back(kPoolsSetting, std::to_string(config.pools.size()));
  }
  for (const Setting<WorldConfig>& setting : kSettings) {
    settings.emplace_back(setting.name, std::to_string(setting.get(config)));
  }
  for (size_t i = 0; i < kFaultPoints; ++i) {
    const auto point = static_cast<FaultPoint>(i);
    settings.emplace_back(NameOfSetting(point), std::to_string(config.points.ppm(point)));
  }
  return settings;
}

absl::Status ApplySettings(const Settings& settings, WorldConfig& config) {
  // Whatever is drawn today: what was kept before there could be several is of one.
  std::optional<int64_t> pools = 1;
  for (const auto& [name, text] : settings) {
    if (name == kPoolsSetting) pools = Parse(text, kWorldPoolsMax);
  }
  if (!pools || *pools == 0) {
    return InvalidArgument(Format("setting %s can be 1 to %u", kPoolsSetting, kWorldPoolsMax));
  }
  config.pools.resize(static_cast<size_t>(*pools));
  for (const auto& [name, text] : settings) {
    if (name != kPoolsSetting) QUORATE_RETURN_IF_ERROR(ApplySetting(name, text, config));
  }
  return absl::OkStatus();
}

}  // namespace quorate::sim
