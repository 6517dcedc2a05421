// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "engine/base/status.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {
namespace {

constexpr std::array<std::string_view, kEventKinds> kEventNames = {
    "tick",         "message-arrived", "message-lost", "commit-done",       "scan-done",
    "client-sends", "client-receives", "client-wakes", "connection-opened", "connection-closed",
    "node-crashed", "node-started",    "fault-began",  "fault-ended",       "phase-began",
    "node-stopped"};

constexpr std::array<std::string_view, 5> kPhaseNames = {"faults", "healed", "sweep", "rest",
                                                         "power-cut"};

constexpr std::array<std::string_view, kFailureKinds> kFailureNames = {
    "lost-write",    "stale-read",     "wrong-reply",     "executed-twice", "resurrection",
    "divergence",    "version-reused", "stall",           "leak",           "queue-unbounded",
    "wire-mismatch", "unhealthy",      "protocol-broken", "no-effect",      "diverged",
    "aborted"};

}  // namespace

std::string_view NameOf(EventKind kind) { return kEventNames[static_cast<size_t>(kind)]; }
std::string_view NameOf(Phase phase) { return kPhaseNames[static_cast<size_t>(phase)]; }
std::string_view NameOf(FailureKind kind) { return kFailureNames[static_cast<size_t>(kind)]; }

std::string AnswerOf(const OperationCompleted& operation) {
  switch (operation.outcome) {
    case OperationOutcome::kReply:
      return resp::Describe(operation.reply);
    case OperationOutcome::kTimeout:
      return "timeout";
    case OperationOutcome::kDisconnected:
      return "connection lost";
  }
  return {};
}

std::string InPool(const WorldView* world, PoolId pool, std::string text) {
  if (world == nullptr || world->pools().size() < 2) return text;
  // A message may name a pool that is not there.
  if (pool.value >= world->pools().size()) return Format("pool %u: ", pool.value) + text;
  return Format("pool %s: ", world->pools()[pool.value].name) + text;
}

}  // namespace quorate::sim
