// SPDX-License-Identifier: Apache-2.0
#include "adapters/metrics/prometheus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace quorate::metrics {
namespace {

Sample Value(std::vector<Label> labels, int64_t value) {
  Sample sample;
  sample.labels = std::move(labels);
  sample.value = value;
  return sample;
}

Metric Family(std::string name, MetricType type, std::vector<Sample> samples,
              uint8_t decimals = 0) {
  Metric metric;
  metric.name = std::move(name);
  metric.help = "Help.";
  metric.type = type;
  metric.decimals = decimals;
  metric.samples = std::move(samples);
  return metric;
}

TEST(PrometheusText, WritesCountersAndGauges) {
  const std::vector<Metric> metrics = {
      Family("quorate_requests_total", MetricType::kCounter,
             {Value({{"shard", "1"}}, 7), Value({{"shard", "0"}}, 5)}),
      Family("quorate_clients", MetricType::kGauge, {Value({}, -3)}),
  };
  EXPECT_EQ(PrometheusText::Render(metrics),
            "# HELP quorate_clients Help.\n"
            "# TYPE quorate_clients gauge\n"
            "quorate_clients -3\n"
            "# HELP quorate_requests_total Help.\n"
            "# TYPE quorate_requests_total counter\n"
            "quorate_requests_total{shard=\"0\"} 5\n"
            "quorate_requests_total{shard=\"1\"} 7\n");
}

TEST(PrometheusText, CumulatesHistograms) {
  Sample sample;
  sample.labels = {{"command", "get"}};
  sample.buckets = {{500, 2}, {1000, 0}, {2500000, 3}};
  sample.above = 1;
  sample.sum = 12345678;
  EXPECT_EQ(PrometheusText::Render(std::vector<Metric>{
                Family("latency_seconds", MetricType::kHistogram, {sample}, 6)}),
            "# HELP latency_seconds Help.\n"
            "# TYPE latency_seconds histogram\n"
            "latency_seconds_bucket{command=\"get\",le=\"0.0005\"} 2\n"
            "latency_seconds_bucket{command=\"get\",le=\"0.001\"} 2\n"
            "latency_seconds_bucket{command=\"get\",le=\"2.5\"} 5\n"
            "latency_seconds_bucket{command=\"get\",le=\"+Inf\"} 6\n"
            "latency_seconds_sum{command=\"get\"} 12.345678\n"
            "latency_seconds_count{command=\"get\"} 6\n");
}

TEST(PrometheusText, PrintsDecimalsExactly) {
  const std::vector<std::pair<int64_t, std::string>> cases = {
      {0, "0"},
      {1, "0.001"},
      {-1, "-0.001"},
      {100, "0.1"},
      {1000, "1"},
      {-120050, "-120.05"},
      {std::numeric_limits<int64_t>::min(), "-9223372036854775.808"},
      {std::numeric_limits<int64_t>::max(), "9223372036854775.807"},
  };
  for (const auto& [value, text] : cases) {
    const Bytes out = PrometheusText::Render(
        std::vector<Metric>{Family("m", MetricType::kGauge, {Value({}, value)}, 3)});
    EXPECT_TRUE(out.ends_with("\nm " + text + "\n")) << out;
  }
}

TEST(PrometheusText, EscapesLabelsAndHelp) {
  Metric metric = Family("m", MetricType::kGauge, {Value({{"path", "a\\b\"c\nd"}}, 1)});
  metric.help = "one\\two\nthree \"quoted\"";
  EXPECT_EQ(PrometheusText::Render(std::vector<Metric>{metric}),
            "# HELP m one\\\\two\\nthree \"quoted\"\n"
            "# TYPE m gauge\n"
            "m{path=\"a\\\\b\\\"c\\nd\"} 1\n");
}

TEST(PrometheusText, MakesNamesLegal) {
  EXPECT_EQ(PrometheusText::Render(std::vector<Metric>{
                Family("9 a:b-c", MetricType::kGauge, {Value({{"x:y", "1"}}, 1)})}),
            "# HELP _9_a:b_c Help.\n"
            "# TYPE _9_a:b_c gauge\n"
            "_9_a:b_c{x_y=\"1\"} 1\n");
}

TEST(PrometheusText, JoinsFamiliesAndKeepsSeriesUnique) {
  const std::vector<Metric> metrics = {
      Family("m", MetricType::kGauge, {Value({{"b", "1"}, {"a", "2"}}, 1)}),
      Family("m", MetricType::kGauge, {Value({{"a", "2"}, {"b", "1"}}, 9), Value({}, 4)}),
  };
  EXPECT_EQ(PrometheusText::Render(metrics),
            "# HELP m Help.\n"
            "# TYPE m gauge\n"
            "m 4\n"
            "m{a=\"2\",b=\"1\"} 1\n");
}

TEST(PrometheusText, DoesNotDependOnOrder) {
  std::vector<Metric> metrics = {
      Family("b", MetricType::kCounter, {Value({{"x", "2"}}, 2), Value({{"x", "1"}}, 1)}),
      Family("a", MetricType::kGauge, {Value({}, 3)}),
      Family("c", MetricType::kGauge, {}),
  };
  const Bytes expected = PrometheusText::Render(metrics);
  std::reverse(metrics.begin(), metrics.end());
  std::reverse(metrics.back().samples.begin(), metrics.back().samples.end());
  EXPECT_EQ(PrometheusText::Render(metrics), expected);
}

}  // namespace
}  // namespace quorate::metrics
