// SPDX-License-Identifier: Apache-2.0
// Bounds of the public API. Not named limits.h: this folder is an include root.
#pragma once

#include <chrono>
#include <cstddef>

namespace quorate::api {

// How long a hook may take to answer at the start and at a reload.
inline constexpr std::chrono::seconds kHookPatience{30};
// Opening a datastore may replay a long journal.
inline constexpr std::chrono::seconds kOpenPatience{3600};
inline constexpr size_t kListenersMax = 1024;
// How often a node looks at itself: until it is ready, and from then on.
inline constexpr std::chrono::milliseconds kStartingPulse{5};
inline constexpr std::chrono::milliseconds kPulse{100};
inline constexpr std::chrono::seconds kDestructorPatience{5};
// A segment of the journal is at most this share of it.
inline constexpr uint64_t kSegmentsPerJournal = 8;

}  // namespace quorate::api
