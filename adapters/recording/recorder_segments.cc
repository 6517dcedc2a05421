// SPDX-License-Identifier: Apache-2.0
// Of the recorder: blocks, segments, and the checkpoints that segments begin with.
#include <algorithm>
#include <utility>

#include "adapters/recording/limits.h"
#include "adapters/recording/recorder.h"
#include "adapters/recording/shard_build.h"
#include "engine/keyspace/snapshot_budget.h"

namespace quorate::recording {

void Recorder::BeginBlock() {
  block_.Begin(sink_.Spare());
  block_began_ = clocks_.monotonic;
}

// False where there is a gap.
bool Recorder::PutBlock(BlockKind kind, Bytes block) {
  SealBlock(kind, block);
  const size_t size = block.size();
  if (!sink_.Put(std::move(block))) {
    mode_ = Mode::kGap;
    ++counters_.gaps;
    return false;
  }
  segment_bytes_ += size;
  counters_.bytes += size;
  return true;
}

void Recorder::BeginSegment(Bytes frame, bool continues) {
  mode_ = Mode::kOn;
  segment_bytes_ = 0;
  checkpoint_bytes_ = 0;
  ++counters_.segments;
  Header header = options_.start;
  header.build = ShardBuild();
  header.hides = options_.hides;
  header.segment = segment_++;
  header.continues = continues;
  header.ticks = ticks_;
  header.ladder = ladder_.value();
  header.state_bytes = frame.empty() ? 0 : frame.size() - kBlockHeaderBytes;
  header.clocks = clocks_;
  Bytes block(kBlockHeaderBytes, '\0');
  block += EncodeHeader(header);
  PutBlock(BlockKind::kHeader, std::move(block));
  if (!frame.empty() && recording()) PutFrame(std::move(frame));
  BeginBlock();
}

// Goes out as it is where one block may be so long: to copy so much is a pause of the shard.
void Recorder::PutFrame(Bytes frame) {
  checkpoint_bytes_ = frame.size();
  checkpoint_began_ = ticks_;
  if (frame.size() <= kBlockBytesMax) {
    PutBlock(BlockKind::kFrame, std::move(frame));
    return;
  }
  for (size_t at = kBlockHeaderBytes; at < frame.size() && recording(); at += kStateBlockBytes) {
    Bytes block(kBlockHeaderBytes, '\0');
    block += std::string_view(frame).substr(at, kStateBlockBytes);
    PutBlock(BlockKind::kFrame, std::move(block));
  }
}

bool Recorder::full() const {
  const size_t most = std::min(options_.segment_bytes_max, sink_.segment_bytes_max());
  return segment_bytes_ + block_.size() + piece_.size() >= most - most / kSegmentSlackPart;
}

void Recorder::Turn() {
  if (in_checkpoint_) StepCheckpoint();
  if (mode_ == Mode::kOff || (recording() && !full())) return;
  const bool continues = recording() && PutBlock(BlockKind::kTicks, block_.Take());
  if (continues && in_checkpoint_) {
    observer_.Log(env::LogLevel::kError,
                  "recording: a segment was full before its checkpoint was over; there is a gap");
    ++counters_.gaps;
  }
  mode_ = Mode::kGap;
  if (in_checkpoint_ || !sink_.Ready()) return;
  Bytes frame(kBlockHeaderBytes, '\0');
  shard_->BeginSnapshot(frame, options_.hides);
  in_checkpoint_ = true;
  sink_.BeginSegment();
  BeginSegment(std::move(frame), continues);
  BeginPiece();
}

// --- the checkpoint of a segment

void Recorder::BeginPiece() {
  piece_ = sink_.Spare();
  piece_.resize(kBlockHeaderBytes);
}

// It is walked to its end even where nobody wants it any more: what it has marked in the objects
// goes only then.
void Recorder::StepCheckpoint() {
  keyspace::SnapshotBudget budget{options_.pace.objects_max, kPieceBytesMax};
  if (recording()) {
    const size_t before = segment_bytes_ - std::min(segment_bytes_, checkpoint_bytes_);
    const size_t wanted = kPieceBytesPerTickByte * (before + block_.size());
    budget.bytes = std::clamp(wanted - std::min(wanted, checkpoint_bytes_ + piece_.size()),
                              options_.pace.bytes_min, kPieceBytesMax);
    if (!sink_.Ready()) budget = {};  // the disk is behind
  }
  in_checkpoint_ = shard_->StepSnapshot(budget, piece_);
  if (!recording()) {
    piece_.resize(kBlockHeaderBytes);
    return;
  }
  if (checkpoint_bytes_ + piece_.size() >
      options_.segment_bytes_max / (1 + kTicksPerCheckpointByte)) {
    return EndRecording();
  }
  if (!in_checkpoint_) return EndCheckpoint();
  if (piece_.size() < kBlockBytes) return;
  checkpoint_bytes_ += piece_.size();
  PutBlock(BlockKind::kPiece, std::move(piece_));
  BeginPiece();
}

void Recorder::EndCheckpoint() {
  checkpoint_bytes_ += piece_.size();
  PutBlock(BlockKind::kLastPiece, std::move(piece_));
  piece_.clear();
  if (!recording()) return;
  ++counters_.checkpoints;
  counters_.checkpoint_bytes = checkpoint_bytes_;
  counters_.checkpoint_ticks = ticks_ - checkpoint_began_;
}

void Recorder::EndRecording() {
  mode_ = Mode::kOff;
  observer_.Log(env::LogLevel::kError,
                Format("recording ends: a checkpoint of more than %u bytes needs more than "
                       "--record-bytes %u",
                       checkpoint_bytes_, 2 * options_.segment_bytes_max));
}

Instant Recorder::deadline() const {
  Instant due = Instant::max();
  if (recording() && block_.size() > kBlockHeaderBytes) due = block_began_ + kBlockAge;
  if (in_checkpoint_ && mode_ != Mode::kOff) {
    due = std::min(due, clocks_.monotonic + kPieceInterval);
  }
  return due;
}

void Recorder::Finish() {
  if (recording() && block_.size() > kBlockHeaderBytes) {
    PutBlock(BlockKind::kTicks, block_.Take());
  }
  mode_ = Mode::kOff;
}

}  // namespace quorate::recording
