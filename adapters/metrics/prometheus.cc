// SPDX-License-Identifier: Apache-2.0
#include "adapters/metrics/prometheus.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace quorate::metrics {
namespace {

std::string_view NameOf(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "untyped";
}

bool IsLetter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}
bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// Metric names may have colons, label names not.
std::string LegalName(std::string_view name, bool colons) {
  std::string legal;
  if (name.empty() || IsDigit(name.front())) legal.push_back('_');
  for (const char byte : name) {
    const bool fits = IsLetter(byte) || IsDigit(byte) || (colons && byte == ':');
    legal.push_back(fits ? byte : '_');
  }
  return legal;
}

void AppendEscaped(Bytes& out, std::string_view text, bool quotes) {
  for (const char byte : text) {
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\\' || (quotes && byte == '"')) {
      out.push_back('\\');
      out.push_back(byte);
    } else {
      out.push_back(byte);
    }
  }
}

// `value` with its last `decimals` digits behind the point, without zeros at the end.
std::string Decimal(int64_t value, uint8_t decimals) {
  const bool negative = value < 0;
  const uint64_t magnitude =
      negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  std::string digits = std::to_string(magnitude);
  if (decimals > 0) {
    if (digits.size() <= decimals) digits.insert(0, decimals + size_t{1} - digits.size(), '0');
    digits.insert(digits.size() - decimals, 1, '.');
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return negative ? "-" + digits : digits;
}

Sample WithLegalLabels(const Sample& sample) {
  Sample legal = sample;
  for (Label& label : legal.labels) label.name = LegalName(label.name, false);
  std::stable_sort(legal.labels.begin(), legal.labels.end(),
                   [](const Label& a, const Label& b) { return a.name < b.name; });
  const auto same_name = [](const Label& a, const Label& b) { return a.name == b.name; };
  legal.labels.erase(std::unique(legal.labels.begin(), legal.labels.end(), same_name),
                     legal.labels.end());
  return legal;
}

}  // namespace

Bytes PrometheusText::Render(std::span<const Metric> metrics) {
  std::map<std::string, std::vector<const Metric*>> families;
  for (const Metric& metric : metrics) families[LegalName(metric.name, true)].push_back(&metric);
  PrometheusText out;
  for (const auto& [name, members] : families) {
    std::vector<Sample> samples;
    for (const Metric* const metric : members) {
      // Values of another type or scale cannot stand in one family.
      if (metric->type != members.front()->type) continue;
      if (metric->decimals != members.front()->decimals) continue;
      for (const Sample& sample : metric->samples) samples.push_back(WithLegalLabels(sample));
    }
    out.name_ = name;
    out.Family(*members.front(), std::move(samples));
  }
  return std::move(out.text_);
}

void PrometheusText::Family(const Metric& metric, std::vector<Sample> samples) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.labels < b.labels; });
  const auto same = [](const Sample& a, const Sample& b) { return a.labels == b.labels; };
  samples.erase(std::unique(samples.begin(), samples.end(), same), samples.end());
  text_ += "# HELP " + name_ + " ";
  AppendEscaped(text_, metric.help, false);
  text_ += "\n# TYPE " + name_ + " ";
  text_ += NameOf(metric.type);
  text_ += "\n";
  for (const Sample& sample : samples) {
    if (metric.type == MetricType::kHistogram) {
      Histogram(metric, sample);
    } else {
      Series("", sample.labels, {});
      Line(Decimal(sample.value, metric.decimals));
    }
  }
}

void PrometheusText::Histogram(const Metric& metric, const Sample& sample) {
  uint64_t count = 0;
  for (const Bucket& bucket : sample.buckets) {
    count += bucket.count;
    Series("_bucket", sample.labels, {"le", Decimal(bucket.bound, metric.decimals)});
    Line(std::to_string(count));
  }
  count += sample.above;
  Series("_bucket", sample.labels, {"le", "+Inf"});
  Line(std::to_string(count));
  Series("_sum", sample.labels, {});
  Line(Decimal(sample.sum, metric.decimals));
  Series("_count", sample.labels, {});
  Line(std::to_string(count));
}

void PrometheusText::Series(std::string_view suffix, const std::vector<Label>& labels,
                            const Label& extra) {
  text_ += name_;
  text_ += suffix;
  char separator = '{';
  const auto append = [&](const Label& label) {
    text_.push_back(separator);
    separator = ',';
    text_ += label.name + "=\"";
    AppendEscaped(text_, label.value, true);
    text_.push_back('"');
  };
  for (const Label& label : labels) append(label);
  if (!extra.name.empty()) append(extra);
  if (separator == ',') text_.push_back('}');
}

void PrometheusText::Line(std::string_view number) {
  text_.push_back(' ');
  text_ += number;
  text_.push_back('\n');
}

}  // namespace quorate::metrics
