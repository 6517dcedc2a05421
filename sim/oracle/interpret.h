// SPDX-License-Identifier: Apache-2.0
// What a client's command did or saw, register by register: a register is a key, or one field of a
// hash. What a command takes from one key to another, what it makes of several, what it says of
// several keys in one reply, and what is done to lone keys, is told apart from that. Commands whose
// meaning is not written down here, but which may write, make their keys unknown; the history then
// leaves these keys out and counts them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/base/codec.h"

namespace quorate::sim {

enum class Act : uint8_t {
  kRead,    // `value` is what was seen
  kWrite,   // `value` is what was written
  kDelete,  // of the field, or of the whole key
  kAdd,     // `delta` was added; `value` is the sum that was answered
};

enum class Fate : uint8_t {
  kAcknowledged,
  kUnknown,  // may have been executed, may still be
  kRefused,  // by its answer, changed nothing
};

struct Effect {
  Bytes key;
  std::optional<Bytes> field;
  Act act = Act::kRead;
  Fate fate = Fate::kUnknown;
  std::optional<Bytes> value;
  int64_t delta = 0;
  // A deadline: the deletion comes when it passes, unless a write takes it away before.
  bool deadline = false;
};

// What one key holds is written to another, whatever that is.
struct Transfer {
  Bytes from;
  Bytes to;
  bool removes = false;  // and taken away from the first
  Fate fate = Fate::kUnknown;
  bool found_nothing = false;  // it was refused because `from` holds nothing
  Bytes error;                 // that was answered, if any
};

// What one reply says of all keys that a command names.
enum class Says : uint8_t {
  kCommon,   // LCS: what two values have in common
  kCount,    // EXISTS: how many are there
  kDeleted,  // DEL: how many were there, and are no longer
  kAbsent,   // MSETNX: 1 where none was there
};

// One reply that depends on what several keys hold.
struct Joined {
  Says says = Says::kCommon;
  std::vector<Bytes> command;  // without levels
  std::vector<Bytes> keys;
  resp::Reply reply;
};

// What several keys hold is combined bit by bit, and another key is written that.
struct Combination {
  Bytes operation;
  Bytes to;
  std::vector<Bytes> from;
  Fate fate = Fate::kUnknown;
  int64_t length = 0;  // that was answered: 0, and nothing was left to write
};

// One command on a key that one client is to be alone with.
struct Lone {
  Bytes key;
  std::vector<Bytes> command;        // without levels
  std::optional<resp::Reply> reply;  // nothing: none came
};

struct Interpretation {
  std::vector<Effect> effects;
  std::optional<Transfer> transfer;
  std::optional<Joined> joined;
  std::optional<Combination> combination;
  std::optional<Lone> lone;  // and nothing else
  std::vector<Bytes> unknown_keys;
  bool everything_unknown = false;  // FLUSHALL and the like
};

// `reply` is null where none came. Reads without an answer have no effect and are left out.
[[nodiscard]] Interpretation Interpret(const std::vector<Bytes>& command, const resp::Reply* reply);

// The words of the command without "CONSISTENCY level THEN" before it.
[[nodiscard]] std::span<const Bytes> WithoutLevels(std::span<const Bytes> command);

// Whether this error promises that nothing was changed.
[[nodiscard]] bool PromisesNoChange(const Bytes& error);

}  // namespace quorate::sim
