// SPDX-License-Identifier: Apache-2.0
// Processes that were left behind on the way of a run, so that it can go back: each waits for the
// one that went on from it, and goes on itself when it is to be taken up again. They are a stack;
// only the last process runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/status.h"

namespace quorate::sim {

inline constexpr size_t kSnapshotsMax = 32;
// Forward, the next one is twice as far from the beginning, and never nearer than this.
inline constexpr uint64_t kSnapshotGap = 1024;
// On the way back to an event they come closer and closer to it, down to this.
inline constexpr uint64_t kSnapshotNearest = 64;

class Snapshots {
 public:
  Snapshots() = default;
  ~Snapshots();
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  // Unavailable where the machine refuses.
  absl::Status Open();

  // Leaves this process behind at `position`, and returns in another that goes on from here; in
  // this one too where there are too many. True where it goes on because somebody wants to be at
  // `target()`, which is not before `position`.
  bool Take(uint64_t position);
  [[nodiscard]] uint64_t target() const;
  // The events at which they were taken, rising.
  [[nodiscard]] const std::vector<uint64_t>& positions() const { return positions_; }

  // For the case that the process dies: how far it came.
  void Reached(uint64_t position);
  // Goes on from the last snapshot that is not behind `target`. Requires: there is one.
  [[noreturn]] void GoBack(uint64_t target);
  // Ends all of them.
  [[noreturn]] void End(int code);

 private:
  struct Shared {  // by all these processes
    uint64_t target;
    uint64_t reached;
    int code;
    bool back;
    bool over;
  };
  Shared* shared_ = nullptr;
  std::vector<uint64_t> positions_;
};

}  // namespace quorate::sim
