// SPDX-License-Identifier: Apache-2.0
// A block of ticks as it grows. Who writes asks for room once an event and then writes where the
// room is: to append field by field costs more than to make the fields.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "adapters/recording/format.h"
#include "adapters/recording/limits.h"
#include "engine/base/codec.h"

namespace quorate::recording {

class BlockBuffer {
 public:
  // Begins a block, in the memory of an earlier one if there is one.
  void Begin(Bytes spare) {
    bytes_ = std::move(spare);
    bytes_.resize(std::max(bytes_.size(), kBlockBytes + kBlockBytes / 4));
    size_ = kBlockHeaderBytes;
  }
  // Where at least so many bytes may be written; `Wrote` says behind which byte they end.
  [[nodiscard]] char* Room(size_t bytes) {
    if (bytes_.size() - size_ < bytes) bytes_.resize(std::max(2 * bytes_.size(), size_ + bytes));
    return bytes_.data() + size_;
  }
  void Wrote(const char* end) { size_ = static_cast<size_t>(end - bytes_.data()); }
  void Append(std::string_view bytes) {
    Wrote(std::copy(bytes.begin(), bytes.end(), Room(bytes.size())));
  }
  // The block, whose header is free. Begin is next.
  [[nodiscard]] Bytes Take() {
    bytes_.resize(std::exchange(size_, 0));
    return std::move(bytes_);
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  Bytes bytes_;
  size_t size_ = 0;
};

}  // namespace quorate::recording
