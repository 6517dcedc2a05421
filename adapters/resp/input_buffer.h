// SPDX-License-Identifier: Apache-2.0
// The bytes a session has read. Requests are handed over as views into them, so until Recycle says
// that the tick is over no byte that was consumed moves or is overwritten: when the block is full,
// the part not yet consumed goes on in a new block and the old one is kept beside it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace quorate::resp {

class InputBuffer {
 public:
  // Free space to read into: at least one byte, as a rule at least `wanted`. `unread_wanted` is the
  // size that unread() must reach before more can be understood, or 0; space for it is made at once
  // up to kBulkReserveBytesMax.
  std::span<char> Space(size_t wanted, size_t unread_wanted);
  // `size` bytes of the space were filled. Requires: size <= the size of the last space.
  void Filled(size_t size);

  [[nodiscard]] std::span<char> unread() { return {block_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] size_t unread_size() const { return end_ - begin_; }
  // The first `size` unread bytes are understood. Requires: size <= unread_size().
  void Consume(size_t size);
  // Bytes consumed since the last Recycle.
  [[nodiscard]] size_t pinned_bytes() const { return pinned_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }  // of the block in use

  // No view of consumed bytes is in use any more. O(unread_size()) where something was consumed.
  void Recycle();
  // Gives the memory back if nothing is unread. Requires: as Recycle.
  void Trim();

 private:
  using Block = std::unique_ptr<char[]>;
  void MoveTo(size_t capacity);

  Block block_;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // begin_ <= end_ <= capacity_
  size_t end_ = 0;
  size_t pinned_ = 0;
  std::vector<Block> retired_;  // blocks with consumed bytes of this tick
};

}  // namespace quorate::resp
