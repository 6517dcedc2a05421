// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/reply_queue.h"

#include <algorithm>
#include <utility>

#include "adapters/resp/limits.h"
#include "engine/base/check.h"

namespace quorate::resp {
namespace {

constexpr size_t kSidesMin = 8;

}  // namespace

Bytes& ReplyQueue::BufferOf(uint64_t slot) {
  QUORATE_CHECK(IsOutstanding(slot));
  if (slot == oldest_) return output_;
  if (slot - oldest_ >= sides_.size()) GrowSides(slot);
  return SideOf(slot).bytes;
}

std::string_view ReplyQueue::ReplyOf(uint64_t slot) const {
  if (slot == oldest_) return std::string_view(output_).substr(settled_);
  if (slot - oldest_ >= sides_.size()) return {};
  return sides_[slot & (sides_.size() - 1)].bytes;
}

bool ReplyQueue::Complete(uint64_t slot, bool keep) {
  QUORATE_CHECK(IsOutstanding(slot));
  if (last_ && slot > *last_) keep = false;
  if (slot != oldest_) {
    if (slot - oldest_ >= sides_.size()) GrowSides(slot);
    Side& side = SideOf(slot);
    QUORATE_CHECK(!side.complete);
    if (!keep) side.bytes.clear();
    side.complete = true;
    side_bytes_ += side.bytes.size();
    ++sides_complete_;
    return false;
  }
  if (!keep) output_.resize(settled_);
  settled_ = output_.size();
  ++oldest_;
  if (sides_complete_ > 0) FlushSides();
  return true;
}

void ReplyQueue::FlushSides() {
  while (sides_complete_ > 0 && SideOf(oldest_).complete) {
    Side& side = SideOf(oldest_);
    side_bytes_ -= side.bytes.size();
    // EndAfter may have come after this side completed.
    if (!last_ || oldest_ <= *last_) output_.append(side.bytes);
    side.bytes.clear();
    if (side.bytes.capacity() > kOutputBytesKept) Bytes().swap(side.bytes);
    side.complete = false;
    --sides_complete_;
    ++oldest_;
  }
  settled_ = output_.size();
}

void ReplyQueue::GrowSides(uint64_t slot) {
  size_t size = std::max(sides_.size(), kSidesMin);
  while (size <= slot - oldest_) size *= 2;
  std::vector<Side> sides(size);
  for (size_t i = 0; i < sides_.size(); ++i) {
    const uint64_t moved = oldest_ + i;
    sides[moved & (size - 1)] = std::move(SideOf(moved));
  }
  sides_ = std::move(sides);
}

void ReplyQueue::EndAfter(uint64_t slot) { last_ = last_ ? std::min(*last_, slot) : slot; }

void ReplyQueue::Append(std::string_view bytes) {
  QUORATE_CHECK(outstanding() == 0);
  // Replies completed but not gated yet have their Gate still to come, which then covers this too.
  const bool all_gated = gated_end() == end();
  output_.append(bytes);
  settled_ = output_.size();
  if (!all_gated) return;
  if (gates_.empty()) {
    visible_ = end();
  } else {
    gates_.back().end = end();
  }
}

void ReplyQueue::Gate(uint64_t barrier) {
  const uint64_t end = base_ + settled_;
  if (gated_end() == end) return;
  if (!gates_.empty() && gates_.back().barrier >= barrier) {
    gates_.back().end = end;  // request order makes it wait as long as what precedes it
  } else if (gates_.empty() && released_ && barrier <= *released_) {
    visible_ = end;
  } else {
    gates_.push_back({barrier, end});
  }
}

void ReplyQueue::Release(uint64_t barrier) {
  released_ = released_ ? std::max(*released_, barrier) : barrier;
  auto gate = gates_.begin();
  while (gate != gates_.end() && gate->barrier <= barrier) visible_ = (gate++)->end;
  gates_.erase(gates_.begin(), gate);
}

std::string_view ReplyQueue::visible() const {
  return std::string_view(output_).substr(static_cast<size_t>(written_ - base_),
                                          static_cast<size_t>(visible_ - written_));
}

void ReplyQueue::Written(size_t size) {
  QUORATE_CHECK(size <= visible_ - written_);
  written_ += size;
  const size_t sent = static_cast<size_t>(written_ - base_);
  if (sent == output_.size()) {
    output_.clear();
    settled_ = 0;
    if (output_.capacity() > kOutputBytesKept) Bytes().swap(output_);
  } else if (sent >= kOutputBytesKept && sent >= output_.size() / 2) {
    // More is dropped than is moved, so the moves cost no more than the writes did.
    output_.erase(0, sent);
    settled_ -= sent;
  } else {
    return;
  }
  base_ = written_;
}

void ReplyQueue::Trim() {
  if (output_.empty()) Bytes().swap(output_);
  if (sides_complete_ == 0) std::vector<Side>().swap(sides_);
  if (gates_.empty()) std::vector<GateMark>().swap(gates_);
}

}  // namespace quorate::resp
