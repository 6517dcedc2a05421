// SPDX-License-Identifier: Apache-2.0
// Takes data and secrets out of what a recording keeps: values become stand-ins
// (engine/keyspace/stand_in.h) of equal length, where they are, so nothing else about the bytes
// changes. Doing it twice changes nothing more.
#pragma once

#include <span>
#include <string_view>

#include "engine/base/codec.h"
#include "engine/env/storage.h"
#include "engine/wire/message.h"

namespace quorate::node {

// What a recording has in place of the right password, and of any other.
inline constexpr std::string_view kHiddenPassword = "(the password)";
inline constexpr std::string_view kOtherPassword = "(another password)";

// Tells which arguments of a request hold values. Keys, fields, names and options never do. What no
// command is known by is a value, all of it.
class ValueArguments {
 public:
  // Requires: at least one argument.
  explicit ValueArguments(std::span<const std::string_view> args);
  [[nodiscard]] bool none() const { return first_ == 0; }
  [[nodiscard]] bool Has(size_t index) const {
    return first_ != 0 && index >= first_ && (index == first_ || step_ != 0) &&
           (step_ == 0 || (index - first_) % step_ == 0);
  }

 private:
  size_t first_ = 0;
  size_t step_ = 0;  // 0: only the first
};

// Whether a setting that shards tell each other of is a password.
[[nodiscard]] bool IsSecret(std::string_view setting);

// Replaces what AUTH, HELLO and CONFIG SET say of passwords; recordings never hold these, whatever
// else they hold. True where something was replaced.
bool ReplaceSecrets(std::vector<std::string_view>& args, std::string_view password);

void HideArgs(std::vector<Bytes>& args);
void HideTape(Bytes& tape);
void HideRow(std::string_view key, Bytes& value);
void HideBatch(Bytes& rep);
void HideMessage(wire::Message& message);

// Adds the values that a recording leaves out of a tape, as parts of it and in order.
void AddHiddenInTape(std::string_view tape, std::vector<std::string_view>& hidden);

// Puts stand-ins where the values of a message are, and later the values back. It keeps its memory,
// so it costs less than to hide the values of a copy.
class Veil {
 public:
  // Requires: the message before is uncovered, and this one stays where it is.
  void Cover(wire::Message& message);
  void Uncover();

 private:
  struct Field {
    Bytes* bytes;
    Bytes other;  // what takes its place: with stand-ins, and while it is covered, with values
  };
  Bytes& Take(Bytes& bytes);
  void CoverArgs(std::vector<Bytes>& args);
  void CoverHidden(Bytes& bytes);

  std::vector<Field> fields_;  // the first `covered_`; the others wait
  size_t covered_ = 0;
  std::vector<std::string_view> hidden_;
};

}  // namespace quorate::node
