// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace_writer.h"

#include <iterator>
#include <utility>

#include "sim/trace/build_id.h"

namespace quorate::sim {

void TraceWriter::Happened(const WorldEvent& event) {
  AddEvent(hash_, event);
  encoder_.Add(Traced(event));
  if (encoder_.full()) Keep(encoder_.Take());
}

void TraceWriter::Invoked(const OperationInvoked& operation) {
  if (!keeps_operations_ || operation.phase != Phase::kFaults ||
      operations_.size() >= kOperationsMax)
    return;
  operations_.push_back({operation.client, operation.node, operation.time, operation.read,
                         operation.write, operation.command, operation.pool});
}

void TraceWriter::RunEnded(const WorldView& world, uint64_t hash) {
  run_hash_ = hash;
  effects_ = world.effects();
}

void TraceWriter::Keep(EventBlock block) {
  kept_bytes_ += block.bytes.size();
  blocks_.push_back(std::move(block));
  while (kept_bytes_ > kept_bytes_max_ && blocks_.size() > 1) {
    kept_bytes_ -= blocks_.front().bytes.size();
    blocks_.pop_front();
  }
}

Trace TraceWriter::Finish(std::optional<Failure> failure) {
  if (!encoder_.empty()) Keep(encoder_.Take());
  Trace trace;
  trace.build_id = std::string(BuildId());
  trace.compiler = CompilerName();
  trace.recipe = recipe_;
  trace.blocks.assign(std::make_move_iterator(blocks_.begin()),
                      std::make_move_iterator(blocks_.end()));
  blocks_.clear();
  trace.ladder = LadderOf(hash_);
  trace.run_hash = run_hash_;
  trace.failure = std::move(failure);
  return trace;
}

Trace MakeRegression(const TraceWriter& run, Trace replay, std::string why) {
  replay.kind = TraceKind::kRegression;
  replay.why = std::move(why);
  replay.recipe.operations = run.operations();
  replay.blocks.clear();
  replay.ladder = {};
  replay.run_hash = 0;
  replay.effects.clear();
  for (size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (run.effects()[kind] > 0) replay.effects.push_back({static_cast<FaultKind>(kind), 1});
  }
  return replay;
}

}  // namespace quorate::sim
