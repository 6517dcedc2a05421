// SPDX-License-Identifier: Apache-2.0
// The simulator passes messages as values, which would hide what the wire does to them. So a keyed
// sample of them, or all, is encoded, decoded and compared.
#pragma once

#include <string>

#include "engine/base/ids.h"
#include "engine/wire/frame.h"

namespace quorate::sim {

class CodecCheck {
 public:
  CodecCheck(uint64_t cluster_tag, Epoch epoch) : cluster_(cluster_tag), epoch_(epoch) {}

  // Empty where the frame gives the envelope back, else what went wrong.
  [[nodiscard]] std::string Check(const wire::Envelope& envelope);
  [[nodiscard]] uint64_t checked() const { return checked_; }

 private:
  const uint64_t cluster_;
  const Epoch epoch_;
  Bytes frame_;  // kept for its memory
  uint64_t checked_ = 0;
};

}  // namespace quorate::sim
