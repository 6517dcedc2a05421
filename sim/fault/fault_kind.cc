// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/fault_kind.h"

namespace quorate::sim {
namespace {

constexpr std::array<std::string_view, kFaultKinds> kNames = {"crash",          "pause",
                                                              "partition",      "one-way-cut",
                                                              "loss",           "duplication",
                                                              "delay",          "disk-stall",
                                                              "disk-full",      "commit-error",
                                                              "clock-offset",   "clock-drift",
                                                              "clock-jump",     "stop",
                                                              "corruption",     "clog",
                                                              "late",           "bandwidth",
                                                              "half-open",      "slow-cpu",
                                                              "wall-freeze",    "monotonic-freeze",
                                                              "monotonic-jump", "sync-error",
                                                              "read-error",     "bit-rot",
                                                              "misdirection",   "lost-sync",
                                                              "disk-swap",      "rollback",
                                                              "wipe",           "dropped-write",
                                                              "other-release"};

}  // namespace

std::string_view NameOf(FaultKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::optional<FaultKind> ParseFaultKind(std::string_view name) {
  for (size_t i = 0; i < kFaultKinds; ++i) {
    if (kNames[i] == name) return static_cast<FaultKind>(i);
  }
  return std::nullopt;
}

}  // namespace quorate::sim
