// SPDX-License-Identifier: Apache-2.0
// Work in processes of its own, several at a time: what dies takes no other with it, and its death
// is an answer like any other. The memory that a world used is gone with its process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"

namespace quorate::sim {

class Children {
 public:
  // Runs in the child. Its answer reaches the parent if the child comes to its end.
  using Work = std::function<Bytes()>;

  struct Ended {
    uint64_t tag = 0;
    bool finished = false;  // came to its end, and the answer is whole
    int code = 0;           // otherwise: its exit code, or 128 and the signal
    Bytes answer;
    double seconds = 0.0;
  };

  explicit Children(uint32_t jobs) : jobs_(jobs) {}
  ~Children();  // ends those that are left
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  [[nodiscard]] bool full() const { return running_.size() >= jobs_; }
  [[nodiscard]] bool none() const { return running_.empty(); }
  // Unavailable where the machine refuses. `quiet`: what it prints goes nowhere.
  absl::Status Start(uint64_t tag, const Work& work, bool quiet);
  // The next that ends; nothing after `seconds`. Requires: !none().
  absl::StatusOr<std::optional<Ended>> Wait(double seconds);
  // Ends those whose tag is at least that.
  void EndFrom(uint64_t tag);

 private:
  struct Child {
    pid_t process = 0;
    int pipe = -1;
    uint64_t tag = 0;
    Bytes answer;
    double began = 0.0;
  };
  // The child's last word has come: buries it.
  Ended Bury(size_t index);

  const uint32_t jobs_;
  std::vector<Child> running_;
};

}  // namespace quorate::sim
