// SPDX-License-Identifier: Apache-2.0
// The replies of one connection on their way out: put in request order, held until what they saw is
// durable, and then written.
//
//   base_ ....... written_ ....... visible_ ....... gates ....... end of output_
//   already sent   to be sent now   waits for Release  waits for Gate
//
// 1. base_ <= written_ <= visible_ <= the ends of gates_, rising, <= base_ + output_.size().
// 2. Slots below oldest_ are in output_; those from oldest_ to handed_ are outstanding, each either
//    not complete or complete in sides_.
// Positions are counted from the start of the connection, so they outlive the moves of the buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"

namespace quorate::resp {

class ReplyQueue {
 public:
  // One more request waits for its reply; returns its slot.
  uint64_t Add() { return handed_++; }
  [[nodiscard]] uint64_t outstanding() const { return handed_ - oldest_; }
  [[nodiscard]] bool IsOutstanding(uint64_t slot) const {
    return slot >= oldest_ && slot < handed_;
  }

  // The buffer at whose end the reply to `slot` is to be written. Requires: IsOutstanding(slot).
  Bytes& BufferOf(uint64_t slot);
  // What was written for `slot` since its BufferOf, which was the last call here.
  [[nodiscard]] size_t SizeOf(uint64_t slot) const { return ReplyOf(slot).size(); }
  [[nodiscard]] std::string_view ReplyOf(uint64_t slot) const;
  // The reply is whole, or is dropped where `keep` is false. True if it was the oldest one.
  bool Complete(uint64_t slot, bool keep);
  // Replies to slots above this one are dropped.
  void EndAfter(uint64_t slot);
  // Text of the connection itself, behind all replies. Requires: outstanding() == 0.
  void Append(std::string_view bytes);

  void Gate(uint64_t barrier);
  void Release(uint64_t barrier);

  [[nodiscard]] std::string_view visible() const;
  void Written(size_t size);
  // Nothing is left to be sent, visible or not.
  [[nodiscard]] bool drained() const { return written_ == end(); }
  // The slot of EndAfter, and all before it, are in the output.
  [[nodiscard]] bool ended() const { return last_ && oldest_ > *last_; }
  [[nodiscard]] bool ending() const { return last_.has_value(); }
  [[nodiscard]] size_t bytes() const { return static_cast<size_t>(end() - written_) + side_bytes_; }
  // Gives unused memory back.
  void Trim();

 private:
  // The reply to a slot that completed before an older one.
  struct Side {
    Bytes bytes;
    bool complete = false;
  };
  struct GateMark {
    uint64_t barrier;
    uint64_t end;
  };

  [[nodiscard]] uint64_t end() const { return base_ + output_.size(); }
  [[nodiscard]] uint64_t gated_end() const { return gates_.empty() ? visible_ : gates_.back().end; }
  // sides_ is a ring: its size is a power of two above the distance of any slot in it.
  [[nodiscard]] Side& SideOf(uint64_t slot) { return sides_[slot & (sides_.size() - 1)]; }
  void GrowSides(uint64_t slot);
  void FlushSides();

  Bytes output_;
  uint64_t base_ = 0;
  uint64_t written_ = 0;
  uint64_t visible_ = 0;
  size_t settled_ = 0;  // size of output_ without the reply being written
  std::vector<GateMark> gates_;
  std::optional<uint64_t> released_;

  uint64_t oldest_ = 0;
  uint64_t handed_ = 0;
  std::optional<uint64_t> last_;
  std::vector<Side> sides_;
  size_t sides_complete_ = 0;
  size_t side_bytes_ = 0;
};

}  // namespace quorate::resp
