// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/bug_name.h"

#include <array>

namespace quorate::sim {
namespace {

struct BugName {
  PlantedBug bug;
  std::string_view name;
};
constexpr std::array kBugNames = {
    BugName{PlantedBug::kNone, "none"},
    BugName{PlantedBug::kAckBeforeQuorum, "ack-before-quorum"},
    BugName{PlantedBug::kNoRestamp, "no-restamp"},
    BugName{PlantedBug::kSameIncarnation, "same-incarnation"},
    BugName{PlantedBug::kCounterSlotPerNode, "counter-slot-per-node"},
    BugName{PlantedBug::kApplyWithoutMerge, "apply-without-merge"},
    BugName{PlantedBug::kLoseLastCommit, "lose-last-commit"},
    BugName{PlantedBug::kReadFewer, "read-fewer"},
    BugName{PlantedBug::kRetryExecuted, "retry-executed"},
    BugName{PlantedBug::kUnsettledRead, "unsettled-read"},
    BugName{PlantedBug::kForgetLives, "forget-lives"},
    BugName{PlantedBug::kExpireUnread, "expire-unread"},
    BugName{PlantedBug::kServeUnstored, "serve-unstored"},
    BugName{PlantedBug::kAckBeforeCommit, "ack-before-commit"},
    BugName{PlantedBug::kStopForgets, "stop-forgets"},
    BugName{PlantedBug::kExecuteCopies, "execute-copies"},
    BugName{PlantedBug::kForgetTombstones, "forget-tombstones"},
    BugName{PlantedBug::kSetKeepsDeadline, "set-keeps-deadline"},
    BugName{PlantedBug::kReplayFewer, "replay-fewer"},
    BugName{PlantedBug::kSweepKeepsDeleted, "sweep-keeps-deleted"},
    BugName{PlantedBug::kForgetCeiling, "forget-ceiling"},
    BugName{PlantedBug::kSkipRepair, "skip-repair"},
    BugName{PlantedBug::kPipelineUnordered, "pipeline-unordered"},
    BugName{PlantedBug::kServeForeign, "serve-foreign"},
    BugName{PlantedBug::kFrameUnchecked, "frame-unchecked"},
    BugName{PlantedBug::kForgetOrder, "forget-order"},
    BugName{PlantedBug::kRecordUnchecked, "record-unchecked"},
    BugName{PlantedBug::kAckAtDeadline, "ack-at-deadline"},
    BugName{PlantedBug::kNeverGiveUp, "never-give-up"},
    BugName{PlantedBug::kSkipPlace, "skip-place"},
    BugName{PlantedBug::kForgetFloor, "forget-floor"},
    BugName{PlantedBug::kUnknownEndsFrame, "unknown-ends-frame"},
    BugName{PlantedBug::kJoinFirstKey, "join-first-key"},
    BugName{PlantedBug::kRenameDrops, "rename-drops"},
    BugName{PlantedBug::kEvictReplicas, "evict-replicas"},
    BugName{PlantedBug::kRefuseExecuted, "refuse-executed"},
    BugName{PlantedBug::kRowsOfFirst, "rows-of-first"},
    BugName{PlantedBug::kStoreAsFirst, "store-as-first"},
    BugName{PlantedBug::kTrustReplayed, "trust-replayed"},
    BugName{PlantedBug::kCountMissing, "count-missing"},
    BugName{PlantedBug::kKeepLastKey, "keep-last-key"},
    BugName{PlantedBug::kSetHeld, "set-held"},
    BugName{PlantedBug::kSetFirstKey, "set-first-key"},
    BugName{PlantedBug::kCombineFirstKey, "combine-first-key"},
    BugName{PlantedBug::kCombineDrops, "combine-drops"},
    BugName{PlantedBug::kRewriteForGood, "rewrite-for-good"},
    BugName{PlantedBug::kRestoreKeeps, "restore-keeps"},
    BugName{PlantedBug::kSlotPerIncrement, "slot-per-increment"},
    BugName{PlantedBug::kRestampUnstored, "restamp-unstored"},
    BugName{PlantedBug::kStopReadsOn, "stop-reads-on"},
    BugName{PlantedBug::kStopUnwoken, "stop-unwoken"},
    BugName{PlantedBug::kKeepTurn, "keep-turn"},
};

}  // namespace

std::string_view NameOf(PlantedBug bug) {
  for (const BugName& entry : kBugNames) {
    if (entry.bug == bug) return entry.name;
  }
  return "unknown";
}

std::optional<PlantedBug> ParsePlantedBug(std::string_view name) {
  for (const BugName& entry : kBugNames) {
    if (entry.name == name) return entry.bug;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
