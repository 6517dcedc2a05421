// SPDX-License-Identifier: Apache-2.0
// Measurements as plain values: what a node knows about itself at one moment, before any format.
// All numbers are integers; `decimals` of a metric says how many of their digits are behind the
// point, so that a latency counted in microseconds is published in seconds (decimals = 6) without
// rounding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quorate::metrics {

enum class MetricType : uint8_t { kCounter, kGauge, kHistogram };

struct Label {
  std::string name;
  std::string value;
  friend auto operator<=>(const Label&, const Label&) = default;
};

// How many observations were at most `bound` and above the bound before.
struct Bucket {
  int64_t bound = 0;
  uint64_t count = 0;
};

struct Sample {
  std::vector<Label> labels;
  int64_t value = 0;  // of a counter or a gauge

  // Of a histogram. Bounds rise.
  std::vector<Bucket> buckets;
  uint64_t above = 0;  // observations above the last bound
  int64_t sum = 0;     // of all observations
};

struct Metric {
  std::string name;
  std::string help;
  MetricType type = MetricType::kGauge;
  uint8_t decimals = 0;
  std::vector<Sample> samples;
};

}  // namespace quorate::metrics
