// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "adapters/resp/limits.h"
#include "engine/base/check.h"

namespace quorate::resp {

std::span<char> InputBuffer::Space(size_t wanted, size_t unread_wanted) {
  const size_t unread = unread_size();
  const size_t missing = unread_wanted > unread ? unread_wanted - unread : 0;
  const bool reserves = missing > 0 && missing <= kBulkReserveBytesMax;
  const size_t worth_reading = std::clamp<size_t>(wanted, 1, kInputReadBytesMin);
  if (capacity_ - end_ < (reserves ? missing : worth_reading)) {
    size_t capacity = std::max(kInputBlockBytes, unread + std::max<size_t>(wanted, 1));
    if (reserves) {
      capacity = std::max(capacity, unread + missing);
    } else {
      // Doubling keeps the sum of all copies linear.
      const size_t growth = missing == 0 ? unread : std::max(unread, kBulkReserveBytesMax);
      capacity = std::max(capacity, unread + growth);
    }
    MoveTo(capacity);
  }
  return {block_.get() + end_, capacity_ - end_};
}

void InputBuffer::MoveTo(size_t capacity) {
  const size_t unread = unread_size();
  Block block = std::make_unique_for_overwrite<char[]>(capacity);
  if (unread > 0) std::memcpy(block.get(), block_.get() + begin_, unread);
  if (begin_ > 0) retired_.push_back(std::move(block_));
  block_ = std::move(block);
  capacity_ = capacity;
  begin_ = 0;
  end_ = unread;
}

void InputBuffer::Filled(size_t size) {
  QUORATE_CHECK(size <= capacity_ - end_);
  end_ += size;
}

void InputBuffer::Consume(size_t size) {
  QUORATE_CHECK(size <= unread_size());
  begin_ += size;
  pinned_ += size;
}

void InputBuffer::Recycle() {
  retired_.clear();
  pinned_ = 0;
  const size_t unread = unread_size();
  if (unread == 0) {
    begin_ = end_ = 0;
    if (capacity_ > kInputBytesKept) Trim();
  } else if (begin_ > 0) {
    if (capacity_ > kInputBytesKept && unread <= kInputBlockBytes / 2) {
      MoveTo(kInputBlockBytes);
      retired_.clear();
    } else {
      std::memmove(block_.get(), block_.get() + begin_, unread);
      begin_ = 0;
      end_ = unread;
    }
  }
}

void InputBuffer::Trim() {
  if (unread_size() > 0) return;
  block_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace quorate::resp
