// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

namespace quorate::sim {
namespace {

struct Setting {
  std::string_view name;
  int64_t (*get)(const WorldConfig&);
  void (*set)(WorldConfig&, int64_t);
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

#define QUORATE_SETTING(name, field)                                              \
  Setting {                                                                       \
    name, [](const WorldConfig& config) { return Number(config.field); },         \
        [](WorldConfig& config, int64_t value) { Assign(config.field, value); },  \
        MaxOf<std::remove_cvref_t<decltype(std::declval<WorldConfig>().field)>>() \
  }

constexpr std::array kSettings = {
    QUORATE_SETTING("data-centres", data_centres),
    QUORATE_SETTING("racks", racks),
    QUORATE_SETTING("replicas", replicas),
    QUORATE_SETTING("partitions", partitions),
    QUORATE_SETTING("virtual-tokens", virtual_tokens),
    QUORATE_SETTING("shards-min", shards_min),
    QUORATE_SETTING("shards-max", shards_max),
    QUORATE_SETTING("reshard", reshard),
    QUORATE_SETTING("durability", durability),
    QUORATE_SETTING("read", read),
    QUORATE_SETTING("write", write),
    QUORATE_SETTING("request-timeout-us", request_timeout),
    QUORATE_SETTING("speculative-delay-us", speculative_delay),
    QUORATE_SETTING("storage", storage),
    QUORATE_SETTING("delay-rack-us", delays.rack),
    QUORATE_SETTING("delay-data-centre-us", delays.data_centre),
    QUORATE_SETTING("delay-between-min-us", delays.between_min),
    QUORATE_SETTING("delay-between-max-us", delays.between_max),
    QUORATE_SETTING("delay-tail-us", delays.tail_mean),
    QUORATE_SETTING("sample-all-messages", sample_all_messages),
    QUORATE_SETTING("clock-offset-max-us", clock_offset_max),
    QUORATE_SETTING("clock-drift-ppm-max", clock_drift_ppm_max),
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
    QUORATE_SETTING("sync-min-us", memory.sync_min),
    QUORATE_SETTING("sync-tail-us", memory.sync_tail_mean),
    QUORATE_SETTING("slow-ppm", memory.slow_ppm),
    QUORATE_SETTING("slow-us", memory.slow_mean),
    QUORATE_SETTING("stall-max-us", faults.stall_max),
    QUORATE_SETTING("lost-lists", faults.lost_lists),
    QUORATE_SETTING("unsafe-commands", unsafe_commands),
    QUORATE_SETTING("memory-bytes-max", memory_bytes_max),
    QUORATE_SETTING("evicts", evicts),
    QUORATE_SETTING("limit-operations", limits.operations),
    QUORATE_SETTING("limit-waiters-per-key", limits.waiters_per_key),
    QUORATE_SETTING("limit-taken-requests", limits.taken_requests),
    QUORATE_SETTING("limit-reaps", limits.reaps),
    QUORATE_SETTING("limit-load-bytes", limits.load_bytes),
    QUORATE_SETTING("limit-clock-reserve-ms", limits.clock_reserve_ms),
};

#undef QUORATE_SETTING

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

}  // namespace

Settings SettingsOf(const WorldConfig& config) {
  Settings settings;
  for (const Setting& setting : kSettings) {
    settings.emplace_back(setting.name, std::to_string(setting.get(config)));
  }
  for (size_t i = 0; i < kFaultPoints; ++i) {
    const auto point = static_cast<FaultPoint>(i);
    settings.emplace_back(NameOfSetting(point), std::to_string(config.points.ppm(point)));
  }
  return settings;
}

absl::Status ApplySettings(const Settings& settings, WorldConfig& config) {
  for (const auto& [name, text] : settings) {
    const auto setting = std::find_if(kSettings.begin(), kSettings.end(),
                                      [&](const Setting& known) { return known.name == name; });
    const std::optional<FaultPoint> point = FindPoint(name);
    if (setting == kSettings.end() && !point) {
      return InvalidArgument(Format("no setting '%s'", name));
    }
    const int64_t max = point ? kMillion : setting->max;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > max) {
      return InvalidArgument(Format("setting %s cannot be '%s'", name, text));
    }
    if (point) {
      config.points.Set(*point, static_cast<uint32_t>(value));
    } else {
      setting->set(config, value);
    }
  }
  return absl::OkStatus();
}

}  // namespace quorate::sim
