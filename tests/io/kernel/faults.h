// SPDX-License-Identifier: Apache-2.0
// What a simulated kernel may do to its callers: kinds of fault, how often each comes in the world
// of a seed, and how often each took effect.
//
// A draw is keyed by (seed, kind, object, number of the call on that object), so a call more on one
// socket changes nothing for the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/random.h"

namespace quorate::io {

enum class Fault : uint8_t {
  kShortRead,        // part of the bytes; the rest arrives a moment later
  kReadAgain,        // EAGAIN though the descriptor was reported
  kShortWrite,       // part is taken, then EAGAIN until there is room
  kWriteAgain,       // EAGAIN though there was room
  kFull,             // EAGAIN because the reader is slow
  kInterrupted,      // EINTR from a call on a socket
  kWaitInterrupted,  // EINTR from epoll_wait
  kReset,            // ECONNRESET
  kPipe,             // EPIPE
  kHalfClose,        // the peer ends its side only
  kAbort,            // closed with input unread: the other end is reset
  kProcessFiles,     // EMFILE
  kSystemFiles,      // ENFILE
  kNoBuffers,        // ENOBUFS
  kNoMemory,         // ENOMEM of epoll_ctl
  kAborted,          // ECONNABORTED of accept
  kBacklog,          // the listener's queue is full
  kRefused,          // ECONNREFUSED
  kTimedOut,         // no answer to a connection attempt
  kUnreachable,      // EHOSTUNREACH
  kSlowConnect,      // the connection takes long
  kSpurious,         // reported ready, and is not
  kReordered,        // reported in another order, some of it later
  kDelay,            // bytes are long on their way
  kCount,
};

inline constexpr auto kFaults = static_cast<size_t>(Fault::kCount);
inline constexpr std::array<std::string_view, kFaults> kFaultNames = {
    "short read",      "read EAGAIN",  "short write",  "write EAGAIN", "full",      "EINTR",
    "wait EINTR",      "ECONNRESET",   "EPIPE",        "half-close",   "abort",     "EMFILE",
    "ENFILE",          "ENOBUFS",      "ENOMEM",       "ECONNABORTED", "backlog",   "ECONNREFUSED",
    "connect timeout", "EHOSTUNREACH", "slow connect", "spurious",     "reordered", "delay"};

using FaultCounts = std::array<uint64_t, kFaults>;

class Faults {
 public:
  // Every kind is off in half of all seeds, and rare to frequent in the others.
  explicit Faults(uint64_t seed) : seed_(seed) {
    constexpr std::array<uint64_t, 4> kRates = {50, 200, 800, 2500};
    for (uint64_t i = 0; i < kFaults; ++i) {
      const uint64_t draw = KeyedHash(seed, kRatePurpose, i);
      rates_[i] = draw % 2 == 0 ? 0 : kRates[draw / 2 % kRates.size()];
    }
  }

  // True where the fault comes now. Whether it has an effect, the caller knows: it counts.
  [[nodiscard]] bool Draw(Fault kind, uint64_t object, uint64_t call) const {
    return on_ && Scale(KeyedHash(seed_, Index(kind), object, call), kScale) < rates_[Index(kind)];
  }
  void Count(Fault kind) { ++counts_[Index(kind)]; }
  [[nodiscard]] bool Happens(Fault kind, uint64_t object, uint64_t call) {
    if (!Draw(kind, object, call)) return false;
    Count(kind);
    return true;
  }
  // A number below `bound`, for the extent of a fault.
  [[nodiscard]] uint64_t Pick(uint64_t bound, uint64_t object, uint64_t call, uint64_t what) const {
    return Scale(KeyedHash(seed_, kPickPurpose, object, call, what), bound);
  }
  void SetRate(Fault kind, uint64_t of_ten_thousand) { rates_[Index(kind)] = of_ten_thousand; }
  void Stop() { on_ = false; }
  [[nodiscard]] uint64_t seed() const { return seed_; }
  [[nodiscard]] uint64_t count(Fault kind) const { return counts_[Index(kind)]; }
  [[nodiscard]] const FaultCounts& counts() const { return counts_; }

 private:
  static constexpr uint64_t kScale = 10'000;
  static constexpr uint64_t kRatePurpose = 0x72617465;
  static constexpr uint64_t kPickPurpose = 0x7069636b;
  static constexpr size_t Index(Fault kind) { return static_cast<size_t>(kind); }

  const uint64_t seed_;
  bool on_ = true;
  std::array<uint64_t, kFaults> rates_{};
  FaultCounts counts_{};
};

}  // namespace quorate::io
