// SPDX-License-Identifier: Apache-2.0
// The simulator passes messages as values, which would hide what the wire does to them. So a keyed
// sample of them, or all, is encoded, decoded and compared.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/planted_bug.h"
#include "engine/wire/frame.h"

namespace quorate::sim {

class CodecCheck {
 public:
  CodecCheck(uint64_t cluster_tag, Epoch epoch, PlantedBug planted = PlantedBug::kNone)
      : cluster_(cluster_tag), epoch_(epoch), planted_(planted) {}

  // Empty where the frame gives the envelope back, else what went wrong.
  [[nodiscard]] std::string Check(const wire::Envelope& envelope);
  // The same of a frame that the next release writes: what it has added is not seen, and nothing
  // else changes. `unknown`: messages of a kind that only it knows stand beside, and in a frame of
  // their own.
  [[nodiscard]] std::string CheckNextRelease(const wire::Envelope& envelope, uint64_t draw,
                                             bool unknown);
  // What arrives of a frame of which some bits have changed, if anything.
  [[nodiscard]] std::optional<wire::Envelope> Corrupt(const wire::Envelope& envelope,
                                                      uint64_t draw);
  [[nodiscard]] uint64_t checked() const { return checked_; }

 private:
  // Empty where the frame gives these envelopes and leaves out so many.
  [[nodiscard]] std::string Compare(std::string_view frame, const wire::FrameHeader& header,
                                    std::span<const wire::Envelope> envelopes,
                                    uint32_t unknown) const;

  const uint64_t cluster_;
  const Epoch epoch_;
  const PlantedBug planted_;
  Bytes frame_;  // kept for its memory
  uint64_t checked_ = 0;
};

}  // namespace quorate::sim
