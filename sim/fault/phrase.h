// SPDX-License-Identifier: Apache-2.0
// How each kind and shape of a fault is said. Both who writes (words.h) and who reads
// (parse_words.h) walk along the same phrases, so that one undoes the other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/fault/schedule.h"

namespace quorate::sim {

// What stands in a phrase in place of a word.
enum class PhrasePart : uint8_t {
  kNodes,     // {nodes}: the targets
  kRest,      // {rest}: all others
  kBridge,    // {bridge}: the first target
  kShare,     // {share}: the chance, in percent
  kOne,       // {one}: what exactly, in place of a draw
  kBodies,    // {bodies}: kinds of messages, or all of them
  kNames,     // {names}: kinds of messages
  kBlocking,  // {blocking}: kinds of messages with a word before them, or nothing at all
  kFlapping,  // {flapping}: a period with words before it, or nothing at all
  kWait,      // {wait}: the amount as a time, more than nothing
  kLength,    // {length}: the amount as a time
  kOffset,    // {offset}: the amount as a time ahead or behind
  kFactor,    // {factor}: the amount as a number
  kDrift,     // {drift}: the drift, fast or slow
};

struct Phrase {
  FaultKind kind;
  FaultShape shape;
  std::string_view text;  // words and parts, a space between them
};
[[nodiscard]] std::span<const Phrase> AllPhrases();

struct PhrasePiece {
  std::string_view word;           // that stands as it is, unless it is
  std::optional<PhrasePart> part;  // this one
};
// Takes the first piece off. Requires: there is one.
[[nodiscard]] PhrasePiece TakePiece(std::string_view& text);

// The one that says the fault. Requires: the fault is valid.
[[nodiscard]] const Phrase& PhraseOf(const Fault& fault);

// Which fields of a fault a phrase speaks of. The others mean nothing to its kind, but they may be
// there all the same.
struct FieldsSaid {
  bool chance = false;
  bool amount = false;
  bool drift = false;
};
[[nodiscard]] FieldsSaid SaidBy(const Phrase& phrase, const Fault& fault);

inline constexpr uint32_t kMessageBits = 32;
// Of a bit in Fault::messages.
[[nodiscard]] std::string NameOfMessages(uint32_t bit);

}  // namespace quorate::sim
