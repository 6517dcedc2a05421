// SPDX-License-Identifier: Apache-2.0
// Bytes received and not yet understood, in one piece. It grows as bytes arrive, not as a length
// field promises.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "engine/base/check.h"
#include "io/net/limits.h"

namespace quorate::io {

class ReceiveBuffer {
 public:
  // Free space, at least kReadBytesMin. Valid until the next call.
  std::span<char> Space() {
    if (capacity_ - end_ < kReadBytesMin) MakeRoom();
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void Filled(size_t size) {
    QUORATE_CHECK(size <= capacity_ - end_);
    end_ += size;
  }
  [[nodiscard]] std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void Consume(size_t size) {
    QUORATE_CHECK(size <= end_ - begin_);
    begin_ += size;
    if (begin_ < end_) return;
    begin_ = end_ = 0;
    if (capacity_ > kBufferBytesKept) {
      bytes_.reset();
      capacity_ = 0;
    }
  }

 private:
  void MakeRoom() {
    const size_t unread = end_ - begin_;
    size_t capacity = capacity_ == 0 ? kBufferBytesKept : capacity_;
    while (capacity - unread < kReadBytesMin) capacity *= 2;
    if (capacity == capacity_) {
      if (unread > 0) std::memmove(bytes_.get(), bytes_.get() + begin_, unread);
    } else {
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (unread > 0) std::memcpy(larger.get(), bytes_.get() + begin_, unread);
      bytes_ = std::move(larger);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = unread;
  }

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // begin_ <= end_ <= capacity_
  size_t end_ = 0;
};

static_assert(kBufferBytesKept >= kReadBytesMin);

}  // namespace quorate::io
