// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/epochs.h"

#include "engine/base/check.h"

namespace quorate::topology {
namespace {

EpochState NextState(EpochState state) {
  switch (state) {
    case EpochState::kPrepare:
      return EpochState::kSwitch;
    case EpochState::kSwitch:
      return EpochState::kDone;
    case EpochState::kDone:
      return EpochState::kPrepare;
  }
  QUORATE_CHECK(false && "an EpochState that is none");
}

}  // namespace

std::string_view NameOf(EpochState state) {
  switch (state) {
    case EpochState::kPrepare:
      return "prepare";
    case EpochState::kSwitch:
      return "switch";
    case EpochState::kDone:
      return "done";
  }
  QUORATE_CHECK(false && "an EpochState that is none");
}

absl::Status CheckSame(const EpochHeader& ours, const EpochHeader& theirs) {
  if (ours.number != theirs.number || ours.digest == theirs.digest) return absl::OkStatus();
  return FailedPrecondition(
      Format("the topologies of epoch %d differ: %016x here, %016x there; every node of a cluster "
             "needs the same seats, tokens and pools",
             ours.number.value, ours.digest, theirs.digest));
}

absl::Status CheckSuccessor(const EpochHeader& parent, const EpochHeader& child) {
  if (child.number.value != parent.number.value + 1) {
    return FailedPrecondition(
        Format("epoch %d cannot follow epoch %d", child.number.value, parent.number.value));
  }
  if (child.parent_digest != parent.digest) {
    return FailedPrecondition(Format("epoch %d follows the topology %016x, but epoch %d is %016x",
                                     child.number.value, child.parent_digest, parent.number.value,
                                     parent.digest));
  }
  if (child.state != NextState(parent.state)) {
    return FailedPrecondition(Format("epoch %d is '%s', which cannot follow '%s'",
                                     child.number.value, std::string(NameOf(child.state)),
                                     std::string(NameOf(parent.state))));
  }
  return absl::OkStatus();
}

}  // namespace quorate::topology
