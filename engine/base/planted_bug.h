// SPDX-License-Identifier: Apache-2.0
// Bugs that the simulator must find. They exist only in a second build of the engine's sources
// (QUORATE_PLANTED_BUGS): in the shipped library QUORATE_PLANTED is the constant false. The chosen
// bug is a value given at construction, so both builds share every type.
#pragma once

#include <cstdint>

namespace quorate {

enum class PlantedBug : uint8_t {
  kNone,
  kAckBeforeQuorum,     // acknowledge before W replicas have it
  kNoRestamp,           // no second stamp above a higher version held by a replica
  kSameIncarnation,     // the incarnation does not rise at a restart
  kCounterSlotPerNode,  // a counter slot named by the node alone
  kApplyWithoutMerge,   // a message applied twice counts twice
  kLoseLastCommit,      // the last transaction before a crash is lost
  kReadFewer,           // a QUORUM read answers from fewer replicas
  kRetryExecuted,       // a command that was executed is sent to a second replica
  kUnsettledRead,       // a read shows what came to its own copy while it asked the others
  kForgetLives,         // a node executes what an earlier life of it was asked for
  kExpireUnread,        // a replica deletes at a deadline that others may have taken away
  kServeUnstored,       // with a full disk, what is in memory alone is shown and counted
  kAckBeforeCommit,     // replies do not wait for the commit of what they tell of
  kStopForgets,         // the orderly end of a pool without durability stores nothing
  kExecuteCopies,       // a second copy of a request is executed too
  kForgetTombstones,    // a replica drops what is deleted while others may still hold it
  kSetKeepsDeadline,    // SET does not take the deadline away
  kReplayFewer,         // the replay of a journal leaves out its last record
  kSweepKeepsDeleted,   // the sweep of a checkpoint leaves deleted rows in it
  kForgetCeiling,       // a start does not respect the times reserved by lives before
  kSkipRepair,          // a read that has merged copies does not write the result back
  kPipelineUnordered,   // requests of one client on one key are under way at the same time
  kServeForeign,        // a node of a pool of one replica executes on keys that are another's
  kFrameUnchecked,      // a frame from a peer is taken whatever its checksum says
  kAckAtDeadline,       // a write that has no quorum at its deadline is acknowledged
  kNeverGiveUp,  // an operation waits for its quorum for ever, and does not say that it lacks it
  kSkipPlace,    // a walk goes on behind the place where it stopped
  kForgetFloor,  // of requests that were forgotten nothing is remembered
  kForgetOrder,  // an order of requests is forgotten while one of them is under way
  kRecordUnchecked,   // a record of the journal is taken whatever the checksum of its payload says
  kUnknownEndsFrame,  // what stands in a frame behind a message of an unknown kind is dropped
  kJoinFirstKey,      // all parts of a command that joins values read its first key
  kRenameDrops,       // a rename to a key that is elsewhere does not write it
  kEvictReplicas,     // a pool of several replicas evicts
  kRefuseExecuted,    // a write that is refused for want of memory takes effect
  kRowsOfFirst,       // rows of all pools stand among those of the pool whose number is 0
  kStoreAsFirst,      // rows of all pools are stored as durably as those of the first one
  kTrustReplayed,     // a start does not sync again what it has replayed
  kCountMissing,      // a deletion counts what was not there
  kKeepLastKey,       // a deletion of several keys counts the last one, and leaves it
  kSetHeld,           // MSETNX writes though one of its keys is there
  kSetFirstKey,       // MSETNX writes the first of its keys alone
  kCombineFirstKey,   // BITOP takes its first source for all
  kCombineDrops,      // BITOP does not write a target that is elsewhere
  kRewriteForGood,    // a command that changes a string takes the deadline away
  kRestoreKeeps,      // RESTORE of a hash keeps the fields that were there
  kSlotPerIncrement,  // each increment has a slot of its own, for good
  kRestampUnstored,   // a write that is stamped again is kept in memory alone
  kStopReadsOn,       // a node that is stopped while it loads takes rows behind what it has stored
  kStopUnwoken,       // what ends in the tick of a stop leaves it waiting for another tick
  kKeepTurn,          // a request that has ended does not let the client's next on the key begin
};

// A call, since clang takes code behind the literal for unreachable.
constexpr bool NeverPlanted(PlantedBug /*chosen*/) { return false; }

}  // namespace quorate

#ifdef QUORATE_PLANTED_BUGS
#define QUORATE_PLANTED(chosen, name) ((chosen) == ::quorate::PlantedBug::name)
#else
#define QUORATE_PLANTED(chosen, name) ::quorate::NeverPlanted(chosen)
#endif
