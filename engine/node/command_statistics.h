// SPDX-License-Identifier: Apache-2.0
// How often each command was called, refused and failed, and with which errors, for INFO.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/commands/command.h"

namespace quorate::node {

class CommandStatistics {
 public:
  CommandStatistics() : rows_(commands::CommandRows()) {}

  void CountCall(const commands::Command& command) { ++rows_[commands::RowOf(command)].calls; }
  // It was not executed: a wrong number of arguments, no authentication, no memory.
  void CountRefusal(const commands::Command& command) { ++rows_[commands::RowOf(command)].refused; }
  // A reply was an error, whose first word is `code`. `executed`: the command that failed, or null.
  void CountError(std::string_view code, const commands::Command* executed);
  void Reset() { *this = {}; }
  void Save(Bytes& out) const;
  void Load(ByteReader& reader);

  [[nodiscard]] uint64_t errors() const { return errors_; }
  // The lines of INFO commandstats, of the commands that were met, and of INFO errorstats.
  [[nodiscard]] std::vector<std::string> CommandLines() const;
  [[nodiscard]] std::vector<std::string> ErrorLines() const;

 private:
  struct Row {
    uint64_t calls = 0;
    uint64_t refused = 0;
    uint64_t failed = 0;
  };

  std::vector<Row> rows_;
  std::map<Bytes, uint64_t, std::less<>> by_code_;
  uint64_t errors_ = 0;
};

}  // namespace quorate::node
