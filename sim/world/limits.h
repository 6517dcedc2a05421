// SPDX-License-Identifier: Apache-2.0
// The constants of a simulated world.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

inline constexpr uint16_t kShardsPerNodeMax = 4;
// From an input at an idle shard to its tick.
inline constexpr Duration kWakeUpMin = 1us;
inline constexpr Duration kWakeUpMax = 30us;
// What a tick takes: this, and this much for each input.
inline constexpr Duration kServiceMin = 4us;
inline constexpr Duration kServiceMax = 16us;
inline constexpr Duration kServicePerInput = 2us;
// Inputs that wait for one tick. A paused node gathers some; more than this is a run away.
inline constexpr size_t kInboxMax = size_t{1} << 20;
// Connections of a shard that are looked at without taking memory.
inline constexpr size_t kConnectionsUsual = 8;
// A node that cannot start tries again after this time.
inline constexpr Duration kStartRetry = 500ms;
// From the death of a process to its next start, where somebody waits for it.
inline constexpr Duration kRestartTime = 20ms;
// A crash that waits for a commit comes within this time after its beginning.
inline constexpr Duration kCrashInCommitMax = 300us;
// And this where the disk stalls: other replicas have answered by then.
inline constexpr Duration kCrashInStallMax = 50ms;
// How often a node asks whether a silent client is still there.
inline constexpr Duration kKeepAlive = 500ms;
// Between client and node.
inline constexpr Duration kClientDelayMin = 40us;
inline constexpr Duration kClientDelayTail = 60us;
// Of the pieces that a client's bytes come in: this share is cut in two, and of those this share
// comes in two packets.
inline constexpr uint32_t kCutPpm = 250'000;
inline constexpr uint32_t kCutPacketPpm = 250'000;
// How often the world looks whether a phase is over.
inline constexpr Duration kPhaseCheck = 50ms;
// A world at rest may go on for this long until nothing is under way.
inline constexpr Duration kRestMore = 2s;
// A client waits so long for a walk over all keys, which asks one node after the other.
inline constexpr Duration kWalkTimeout = 60s;
// So many names are looked at for keys to probe.
inline constexpr uint32_t kProbedKeysMax = 256;
// A prober thinks for so long.
inline constexpr Duration kProbePause = 300ms;
// An answer to a probe comes at the deadline of a request, or within this time after it.
inline constexpr Duration kProbePatience = 1s;
// What the hashes of connections are made with.
inline constexpr uint64_t kConnectionsSeed = 0x636f6e6e65637473;
// The wall clock of a world begins here, in milliseconds since the epoch.
inline constexpr int64_t kWorldEpochMs = 1'700'000'000'000;

}  // namespace quorate::sim
