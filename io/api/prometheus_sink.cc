// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include "adapters/metrics/prometheus.h"
#include "quorate/metrics.h"

namespace quorate {
namespace {

metrics::Sample ToInternal(const MetricSample& sample) {
  metrics::Sample made;
  for (const auto& [name, value] : sample.labels) made.labels.push_back({name, value});
  made.value = sample.value;
  for (const MetricBucket& bucket : sample.buckets) {
    made.buckets.push_back({bucket.bound, bucket.count});
  }
  made.above = sample.above;
  made.sum = sample.sum;
  return made;
}

metrics::MetricType TypeOf(Metric::Kind kind) {
  switch (kind) {
    case Metric::Kind::kCounter:
      return metrics::MetricType::kCounter;
    case Metric::Kind::kGauge:
      return metrics::MetricType::kGauge;
    case Metric::Kind::kHistogram:
      return metrics::MetricType::kHistogram;
  }
  return metrics::MetricType::kGauge;
}

class PrometheusSink final : public MetricsSink {
 public:
  void Emit(const MetricsSnapshot& snapshot, std::function<void(Status)> done) override {
    std::vector<metrics::Metric> made;
    for (const Metric& metric : snapshot) {
      metrics::Metric& one = made.emplace_back();
      one.name = metric.name;
      one.help = metric.help;
      one.type = TypeOf(metric.kind);
      one.decimals = metric.decimals;
      for (const MetricSample& sample : metric.samples) one.samples.push_back(ToInternal(sample));
    }
    std::string page = metrics::PrometheusText::Render(made);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      page_ = std::move(page);
    }
    done({});
  }

  std::optional<std::pair<std::string, std::string>> Page() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::pair{page_, std::string(metrics::kPrometheusContentType)};
  }

 private:
  std::mutex mutex_;
  std::string page_;
};

}  // namespace

std::unique_ptr<MetricsSink> MakePrometheusSink() { return std::make_unique<PrometheusSink>(); }

}  // namespace quorate
