// SPDX-License-Identifier: Apache-2.0
// The fifth hook: where measurements go.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quorate/result.h"

namespace quorate {

struct MetricBucket {
  int64_t bound = 0;  // observations at most this, and above the bound before
  uint64_t count = 0;
};

struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels;
  int64_t value = 0;                  // of a counter or a gauge
  std::vector<MetricBucket> buckets;  // of a histogram
  uint64_t above = 0;                 // observations above the last bound
  int64_t sum = 0;
};

struct Metric {
  enum class Kind : uint8_t { kCounter, kGauge, kHistogram };
  std::string name;
  std::string help;
  Kind kind = Kind::kGauge;
  uint8_t decimals = 0;  // how many digits of the values are behind the point
  std::vector<MetricSample> samples;
};

using MetricsSnapshot = std::vector<Metric>;

class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  // Calls `done` once, in the call or later, on any thread; the next snapshot waits for it.
  virtual void Emit(const MetricsSnapshot& snapshot, std::function<void(Status)> done) = 0;
  // How often the node emits by itself; zero: only when the admin server is asked for /metrics.
  [[nodiscard]] virtual std::chrono::milliseconds interval() const { return {}; }
  // What /metrics answers, text and content type; nothing for a sink that publishes elsewhere.
  [[nodiscard]] virtual std::optional<std::pair<std::string, std::string>> Page() {
    return std::nullopt;
  }
};

// The default: the last snapshot in Prometheus' text format.
[[nodiscard]] std::unique_ptr<MetricsSink> MakePrometheusSink();

}  // namespace quorate
