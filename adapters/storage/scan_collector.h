// SPDX-License-Identifier: Apache-2.0
// The rule of ScanRequest::bytes_max, in one place: the first row always fits, later ones while the
// sum stays within the limit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "engine/env/storage.h"

namespace quorate::storage {

class ScanCollector {
 public:
  explicit ScanCollector(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Adds the row, or says false: the scan ends here, incomplete.
  [[nodiscard]] bool Add(std::string_view key, std::string_view value) {
    const size_t size = key.size() + value.size();
    if (!result_.rows.empty() && (size > bytes_max_ || bytes_ > bytes_max_ - size)) return false;
    bytes_ += size;
    // Growing copies the rows again and again, into fresh memory; most scans find a few.
    if (result_.rows.size() == kFewRows) {
      result_.rows.reserve(std::min(bytes_max_ / (size + 1), kRowsAhead) + kFewRows + 1);
    }
    result_.rows.push_back({Bytes(key), Bytes(value)});
    return true;
  }

  env::ScanResult Finish(bool complete) {
    result_.complete = complete;
    return std::move(result_);
  }

 private:
  static constexpr size_t kFewRows = 64;
  static constexpr size_t kRowsAhead = 16384;

  const size_t bytes_max_;
  size_t bytes_ = 0;
  env::ScanResult result_;
};

}  // namespace quorate::storage
