// SPDX-License-Identifier: Apache-2.0
#include "engine/base/mark.h"

namespace quorate {
namespace {

constexpr std::array<std::string_view, kMarks> kMarkNames = {
    "read-shared",       "read-repaired",    "doubtful-copy",
    "late-operation",    "state-moved",      "restamped",
    "predecessor-first", "reap-yielded",     "resent",
    "stalled-replica",   "quorum-failed",    "other-life",
    "copy-ignored",      "expired-request",  "reap-started",
    "built-on-unstored", "unstored-refused", "storage-failed-here",
    "out-of-memory",     "evicted",          "other-candidate",
    "everyone-asked",    "introduced",       "restarted-replica",
    "part-timed-out",    "queued-in-order",  "held-behind-steps",
    "ended-by-stop",     "ceiling-reserved", "disk-full",
    "room-again",        "storage-failed",   "client-closed-on-full-disk",
    "orderly-end-seen",  "unclean-start",    "taken-forgotten",
    "read-all-at-once",  "resend-at-once",   "restamp-unasked",
    "refuse-request",    "refuse-step",      "ask-another",
    "forget-life",       "long-way",         "reserve-early",
    "small-piece",
};
static_assert(static_cast<size_t>(Mark::kSmallPiece) + 1 == kMarks);
static_assert(!kMarkNames.back().empty());

constexpr std::array<std::string_view, kWatermarks> kWatermarkNames = {
    "turn-waiters",
    "operations",
    "waiting-commits",
    "requests-in-order",
};
static_assert(static_cast<size_t>(Watermark::kRequestsInOrder) + 1 == kWatermarks);

}  // namespace

std::string_view NameOf(Mark mark) { return kMarkNames[static_cast<size_t>(mark)]; }
std::string_view NameOf(Watermark watermark) {
  return kWatermarkNames[static_cast<size_t>(watermark)];
}

void Marks::Add(const Marks& other) {
  for (size_t i = 0; i < kMarks; ++i) times_[i] += other.times_[i];
  for (size_t i = 0; i < kWatermarks; ++i) highest_[i] = std::max(highest_[i], other.highest_[i]);
}

void PutMarks(Bytes& out, const Marks& marks) {
  for (size_t i = 0; i < kMarks; ++i) PutVarint(out, marks.times(static_cast<Mark>(i)));
  for (size_t i = 0; i < kWatermarks; ++i) PutVarint(out, marks.highest(static_cast<Watermark>(i)));
}
Marks ReadMarks(ByteReader& reader) {
  Marks marks;
  for (size_t i = 0; i < kMarks; ++i) marks.Reach(static_cast<Mark>(i), reader.Varint());
  for (size_t i = 0; i < kWatermarks; ++i) marks.Raise(static_cast<Watermark>(i), reader.Varint());
  return marks;
}

}  // namespace quorate
