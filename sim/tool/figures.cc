// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/figures.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "engine/base/status.h"
#include "engine/node/shard.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

uint64_t PeakResidentKib() {
  rusage usage{};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<uint64_t>(usage.ru_maxrss) : 0;
}

std::string Fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

}  // namespace

void Figures::Mark(std::string name, SimTime simulated) {
  stages_.push_back({std::move(name), SteadySeconds(), simulated, events_, PeakResidentKib()});
}

void Figures::PhaseBegan(Phase phase, SimTime time) { Mark(std::string(NameOf(phase)), time); }

void Figures::RunEnded(const WorldView& world, uint64_t /*hash*/) {
  Mark("judging", world.now());
  nodes_ = world.nodes();
  for (uint32_t node = 0; node < nodes_; ++node) {
    for (uint16_t index = 0; index < world.shards(NodeIndex{node}); ++index) {
      const node::Shard* shard = world.shard(NodeIndex{node}, index);
      if (shard == nullptr) continue;
      ++shards_;
      objects_ += shard->stats().objects;
      data_bytes_ += shard->stats().logical_bytes;
    }
  }
}

std::string Figures::Describe(const RunResult& result, const MemoryMeter& memory) const {
  std::string text;
  const double operations =
      static_cast<double>(std::max<uint64_t>(1, result.operations + result.sweep_operations));
  for (size_t i = 0; i < kEventKinds; ++i) {
    text += Format("events:   %-17s %9u  %s an operation\n", NameOf(static_cast<EventKind>(i)),
                   kinds_[i], Fixed(static_cast<double>(kinds_[i]) / operations));
  }
  for (size_t i = 0; i + 1 < stages_.size(); ++i) {
    const Stage& from = stages_[i];
    const Stage& to = stages_[i + 1];
    const double real = to.real - from.real;
    const Duration simulated = std::max(Duration(0), to.simulated - from.simulated);
    const uint64_t events = to.events - from.events;
    const double each = events == 0 ? 0 : real * 1e6 / static_cast<double>(events);
    text += Format("stage:    %-9s %s s real, %s s simulated, %u events, %s us each, peak %u MiB\n",
                   from.name, Fixed(real), Fixed(static_cast<double>(simulated.count()) / 1e6),
                   events, Fixed(each), to.peak_kib / 1024);
  }
  text += Format("memory:   %u KiB a node at the peak; %u shards hold %u objects of %u bytes\n",
                 stages_.back().peak_kib / std::max(1u, nodes_), shards_, objects_, data_bytes_);
  const auto& bytes = memory.bytes_max;
  const bool counted = std::any_of(bytes.begin(), bytes.end(), [](uint64_t n) { return n > 0; });
  for (size_t i = 0; counted && i < kMemoryParts; ++i) {
    text += Format("memory:   %-9s %u bytes a node at most\n", kMemoryPartNames[i],
                   bytes[i] / std::max(1u, nodes_));
  }
  return text;
}

}  // namespace quorate::sim
