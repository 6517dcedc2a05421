// SPDX-License-Identifier: Apache-2.0
// A message as the release before would have written it: without the fields that this one has added
// (tests/engine/wire/kept has its schema). Whoever reads it finds their defaults.
#pragma once

#include <cstdint>
#include <variant>

#include "engine/wire/message.h"

namespace quorate::sim {

inline void WriteAsReleaseBefore(wire::Message& message) {
  auto* const execute = std::get_if<wire::Execute>(&message.body);
  if (execute == nullptr) return;
  execute->executor = {};
  execute->issued = {};
}

// Whether fields were added to bodies of this kind (Parcel::kind).
[[nodiscard]] inline bool IsShorterBefore(uint32_t kind) {
  return kind == wire::Body(wire::Execute{}).index();
}

}  // namespace quorate::sim
