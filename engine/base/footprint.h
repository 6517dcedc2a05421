// SPDX-License-Identifier: Apache-2.0
// The memory that something looks at again and again, in parts. Each machine names its own, whose
// places do not change, so that a host can fetch them before they are needed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/check.h"

namespace quorate {

class Footprint {
 public:
  using Part = std::span<const std::byte>;

  // From the beginning of an object, or of one of its members, to the end of a later member.
  template <typename First, typename Last>
  void Add(const First& first, const Last& last) {
    const Part begin = std::as_bytes(std::span(&first, 1));
    const Part end = std::as_bytes(std::span(&last, 1));
    QUORATE_CHECK(begin.data() <= end.data());
    parts_.emplace_back(begin.data(), end.data() + end.size());
  }
  template <typename Member>
  void Add(const Member& member) {
    Add(member, member);
  }
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
};

}  // namespace quorate
