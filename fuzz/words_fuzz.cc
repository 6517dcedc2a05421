// SPDX-License-Identifier: Apache-2.0
// Text that is to be faults: an error with its place, or a schedule that survives being written and
// read again. The first byte says how many nodes there are.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "sim/fault/parse_words.h"
#include "sim/fault/words.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quorate::sim::Schedule;
  if (size == 0) return 0;
  // '5' is five of them.
  const uint32_t nodes = 1 + static_cast<uint8_t>(data[0] - '1') % 64U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const absl::StatusOr<Schedule> schedule = quorate::sim::ParseSchedule(text, nodes);
  if (!schedule.ok()) {
    QUORATE_CHECK(quorate::MessageOf(schedule.status()).starts_with("line "));
    return 0;
  }
  QUORATE_CHECK(quorate::sim::Validate(*schedule).ok());
  const std::string words = quorate::sim::Words(*schedule);
  const absl::StatusOr<Schedule> again = quorate::sim::ParseSchedule(words, nodes);
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(*again == *schedule);
  QUORATE_CHECK(quorate::sim::Words(*again) == words);
  return 0;
}
