// SPDX-License-Identifier: Apache-2.0
// What the shards of a world were given, as nodes record it: every segment of every life of a shard
// is a whole file, in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/recording/recorder.h"

namespace quorate::sim {

class RecordingStore {
 public:
  RecordingStore(bool hides, size_t segment_bytes_max, recording::CheckpointPace pace = {})
      : hides_(hides), segment_bytes_max_(segment_bytes_max), pace_(pace) {}

  [[nodiscard]] bool hides() const { return hides_; }
  [[nodiscard]] size_t segment_bytes_max() const { return segment_bytes_max_; }
  [[nodiscard]] const recording::CheckpointPace& pace() const { return pace_; }

  // Where a shard's life goes; valid as long as the store is.
  recording::BlockSink& Open(uint32_t node, uint32_t life, uint16_t shard) {
    const std::string name = Format("node%u.life%u.shard%u", node, life, shard);
    return lives_.emplace_back(name);
  }

  // visit(name, the bytes of a file), in the order in which lives began. A segment whose checkpoint
  // was not finished when its life ended has the one before it in front.
  template <typename Visitor>
  void ForEach(const Visitor& visit) const {
    for (const Life& life : lives_) {
      for (size_t i = 0; i < life.segments.size(); ++i) {
        const Bytes whole = life.whole[i] ? Bytes() : Behind(life, i);
        visit(Format("%s.%u", life.name, i), life.whole[i] ? life.segments[i] : whole);
      }
    }
  }

 private:
  struct Life final : recording::BlockSink {
    explicit Life(std::string of) : name(std::move(of)) { BeginSegment(); }
    bool Ready() override { return true; }
    void BeginSegment() override {
      segments.emplace_back(recording::kMagic);
      PutBigEndian(segments.back(), recording::kVersion);
      whole.push_back(true);
    }
    bool Put(Bytes block) override {
      const recording::BlockKind kind = recording::KindOf(block);
      if (kind == recording::BlockKind::kFrame) whole.back() = false;
      if (kind == recording::BlockKind::kLastPiece) whole.back() = true;
      segments.back() += block;
      return true;
    }
    std::string name;
    std::vector<Bytes> segments;
    std::vector<bool> whole;  // they can be begun at
  };

  // Empty where there is a gap between the two.
  static Bytes Behind(const Life& life, size_t segment) {
    const auto before = recording::ReadRecording(life.segments[segment - 1]);
    if (!before.ok()) return {};
    const auto joined = recording::ReadBehind(*before, life.segments[segment]);
    return joined.ok() ? recording::WriteRecording(*joined) : Bytes();
  }

  const bool hides_;
  const size_t segment_bytes_max_;
  const recording::CheckpointPace pace_;
  std::deque<Life> lives_;
};

}  // namespace quorate::sim
