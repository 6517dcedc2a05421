// SPDX-License-Identifier: Apache-2.0
// The Prometheus text format, version 0.0.4.
//
// The text depends on the values alone, not on the order in which they came: families are ordered
// by name, series by labels, labels by name. Metrics with the same name (one per shard, say) become
// one family, described by the first, and those of another type or scale are left out; of two equal
// series, which a scraper would refuse, the first is kept. Characters that a name may not have
// become '_'.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "adapters/metrics/metric.h"
#include "engine/base/codec.h"

namespace quorate::metrics {

inline constexpr std::string_view kPrometheusContentType =
    "text/plain; version=0.0.4; charset=utf-8";

class PrometheusText {
 public:
  [[nodiscard]] static Bytes Render(std::span<const Metric> metrics);

 private:
  void Family(const Metric& metric, std::vector<Sample> samples);
  void Histogram(const Metric& metric, const Sample& sample);
  // `extra` is a label behind the others; its name may be empty.
  void Series(std::string_view suffix, const std::vector<Label>& labels, const Label& extra);
  void Line(std::string_view number);

  std::string name_;  // of the family being written
  Bytes text_;
};

}  // namespace quorate::metrics
