// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/phrase.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/wire/message.h"

namespace quorate::sim {
namespace {

using enum FaultKind;
using enum FaultShape;

// Of several that fit a fault the first one says it.
constexpr std::array kPhrases = {
    Phrase{kCrash, kPlain, "crash {nodes} in a commit within {wait}"},
    Phrase{kCrash, kPlain, "crash {nodes}"},
    Phrase{kCrash, kBetweenEffects, "crash {nodes} before effect {one} of a tick within {length}"},
    Phrase{kCrash, kBetweenEffects, "crash {nodes} in a tick within {length}"},
    Phrase{kPause, kPlain, "pause {nodes}"},
    Phrase{kStop, kPlain, "stop {nodes}"},
    Phrase{kSlowCpu, kPlain, "slow {nodes} by a factor of {factor}"},

    Phrase{kPartition, kPlain, "partition {nodes} | {rest} {blocking} {flapping}"},
    Phrase{kPartition, kBridge,
           "partition {nodes} | {rest} bridged by {bridge} {blocking} {flapping}"},
    Phrase{kPartition, kRing, "partition {nodes} into a ring {blocking} {flapping}"},
    Phrase{kPartition, kInside, "partition {nodes} from each other {blocking} {flapping}"},
    Phrase{kOneWayCut, kPlain, "cut {bodies} from {nodes} {flapping}"},
    Phrase{kOneWayCut, kInward, "cut {bodies} to {nodes} {flapping}"},

    Phrase{kLoss, kPlain, "lose message {one} of {names} of {nodes}"},
    Phrase{kLoss, kPlain, "lose message {one} of {nodes}"},
    Phrase{kLoss, kPlain, "lose {share} of {bodies} of {nodes}"},
    Phrase{kDuplication, kPlain, "double message {one} of {nodes}"},
    Phrase{kDuplication, kPlain, "double {share} of messages of {nodes}"},
    Phrase{kDelay, kPlain, "delay message {one} of {nodes} by {wait}"},
    Phrase{kDelay, kPlain, "delay {share} of messages of {nodes} by up to {wait}"},
    Phrase{kLate, kPlain, "make {share} of messages of {nodes} late by up to {wait}"},
    Phrase{kCorruption, kPlain, "corrupt {share} of messages of {nodes}"},
    Phrase{kOtherRelease, kPlain,
           "write messages of {nodes} as the next release with {share} unknown"},
    Phrase{kOtherRelease, kOlder, "write messages of {nodes} as the release before"},
    Phrase{kClog, kPlain, "clog {nodes}"},
    Phrase{kBandwidth, kPlain, "narrow links of {nodes} to a KiB per {wait}"},
    Phrase{kHalfOpen, kPlain, "half-open {nodes}"},

    Phrase{kClockOffset, kPlain, "shift wall clock of {nodes} {offset}"},
    Phrase{kClockJump, kPlain, "jump wall clock of {nodes} {offset}"},
    Phrase{kMonotonicJump, kPlain, "jump monotonic clock of {nodes} ahead by {length}"},
    Phrase{kWallFreeze, kPlain, "freeze wall clock of {nodes}"},
    Phrase{kMonotonicFreeze, kPlain, "freeze monotonic clock of {nodes}"},
    Phrase{kClockDrift, kPlain, "run clocks of {nodes} {drift}"},

    Phrase{kDiskStall, kPlain, "stall commits of {nodes} by {wait}"},
    Phrase{kDiskFull, kPlain, "fill disk of {nodes}"},
    Phrase{kCommitError, kPlain, "fail a commit of {nodes}"},
    Phrase{kSyncError, kPlain, "fail a sync of {nodes}"},
    Phrase{kReadError, kPlain, "fail reads of {nodes}"},
    Phrase{kBitRot, kPlain, "rot disk of {nodes}"},
    Phrase{kMisdirection, kPlain, "misdirect reads of {nodes}"},
    Phrase{kMisdirection, kWritten, "misdirect writes of {nodes}"},
    Phrase{kDroppedWrite, kPlain, "drop writes of {nodes}"},
    Phrase{kLostSync, kPlain, "lose syncs of {nodes}"},
    Phrase{kRollback, kPlain, "roll back disk of {nodes}"},
    Phrase{kDiskSwap, kPlain, "swap disks of {nodes}"},
    Phrase{kWipe, kPlain, "wipe disk of {nodes}"},
};

struct NamedPart {
  std::string_view name;
  PhrasePart part;
};
constexpr std::array kParts = {
    NamedPart{"{nodes}", PhrasePart::kNodes},       NamedPart{"{rest}", PhrasePart::kRest},
    NamedPart{"{bridge}", PhrasePart::kBridge},     NamedPart{"{share}", PhrasePart::kShare},
    NamedPart{"{one}", PhrasePart::kOne},           NamedPart{"{bodies}", PhrasePart::kBodies},
    NamedPart{"{names}", PhrasePart::kNames},       NamedPart{"{blocking}", PhrasePart::kBlocking},
    NamedPart{"{flapping}", PhrasePart::kFlapping}, NamedPart{"{wait}", PhrasePart::kWait},
    NamedPart{"{length}", PhrasePart::kLength},     NamedPart{"{offset}", PhrasePart::kOffset},
    NamedPart{"{factor}", PhrasePart::kFactor},     NamedPart{"{drift}", PhrasePart::kDrift},
};

bool Fits(const Phrase& phrase, const Fault& fault) {
  if (phrase.kind != fault.kind || phrase.shape != fault.shape) return false;
  bool one = false;
  bool messages = false;
  for (std::string_view text = phrase.text; !text.empty();) {
    const PhrasePiece piece = TakePiece(text);
    if (piece.part == PhrasePart::kOne) one = true;
    if (piece.part == PhrasePart::kNames && fault.messages == 0) return false;
    if (piece.part == PhrasePart::kWait && fault.amount <= Duration(0)) return false;
    messages = messages || piece.part == PhrasePart::kNames || piece.part == PhrasePart::kBodies ||
               piece.part == PhrasePart::kBlocking;
  }
  return one == (fault.only != 0) && (messages || fault.messages == 0);
}

}  // namespace

std::span<const Phrase> AllPhrases() { return kPhrases; }

PhrasePiece TakePiece(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  if (!word.starts_with('{')) return {word, std::nullopt};
  const auto found = std::find_if(kParts.begin(), kParts.end(),
                                  [word](const NamedPart& part) { return part.name == word; });
  QUORATE_CHECK(found != kParts.end());
  return {{}, found->part};
}

const Phrase& PhraseOf(const Fault& fault) {
  const auto found = std::find_if(kPhrases.begin(), kPhrases.end(),
                                  [&](const Phrase& phrase) { return Fits(phrase, fault); });
  QUORATE_CHECK(found != kPhrases.end());
  return *found;
}

FieldsSaid SaidBy(const Phrase& phrase, const Fault& fault) {
  FieldsSaid said;
  for (std::string_view text = phrase.text; !text.empty();) {
    switch (TakePiece(text).part.value_or(PhrasePart::kNodes)) {
      case PhrasePart::kShare:
        said.chance = true;
        break;
      case PhrasePart::kWait:
      case PhrasePart::kLength:
      case PhrasePart::kOffset:
      case PhrasePart::kFactor:
        said.amount = true;
        break;
      case PhrasePart::kFlapping:
        said.amount = fault.amount > Duration(0);
        break;
      case PhrasePart::kDrift:
        said.drift = true;
        break;
      default:
        break;
    }
  }
  return said;
}

std::string NameOfMessages(uint32_t bit) {
  return bit < wire::kBodies ? std::string(wire::NameOfBody(bit)) : Format("unknown-%u", bit);
}

}  // namespace quorate::sim
