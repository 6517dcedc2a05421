// SPDX-License-Identifier: Apache-2.0
#include "engine/node/command_statistics.h"

#include "engine/base/status.h"

namespace quorate::node {

void CommandStatistics::CountError(std::string_view code, const commands::Command* executed) {
  ++errors_;
  const auto at = by_code_.find(code);
  if (at != by_code_.end()) {
    ++at->second;
  } else {
    by_code_.emplace(code, 1);
  }
  if (executed != nullptr) ++rows_[commands::RowOf(*executed)].failed;
}

// The time that a command takes is not known: there is no clock within a tick.
std::vector<std::string> CommandStatistics::CommandLines() const {
  std::vector<std::string> lines;
  const auto add = [&](const commands::Command& command) {
    const Row& row = rows_[commands::RowOf(command)];
    if (row.calls + row.refused == 0) return;
    lines.push_back(
        Format("cmdstat_%s:calls=%u,usec=0,usec_per_call=0.00,rejected_calls=%u,failed_calls=%u",
               std::string(command.name), row.calls, row.refused, row.failed));
  };
  for (const commands::Command& command : commands::AllCommands()) {
    add(command);
    for (size_t i = 0; i < command.subcommand_count; ++i) add(command.subcommands[i]);
  }
  return lines;
}

std::vector<std::string> CommandStatistics::ErrorLines() const {
  std::vector<std::string> lines;
  for (const auto& [code, count] : by_code_) {
    lines.push_back(Format("errorstat_%s:count=%u", code, count));
  }
  return lines;
}

void CommandStatistics::Save(Bytes& out) const {
  for (const Row& row : rows_) {
    PutVarint(out, row.calls);
    PutVarint(out, row.refused);
    PutVarint(out, row.failed);
  }
  PutVarint(out, by_code_.size());
  for (const auto& [code, count] : by_code_) {
    PutBlob(out, code);
    PutVarint(out, count);
  }
  PutVarint(out, errors_);
}

void CommandStatistics::Load(ByteReader& reader) {
  for (Row& row : rows_) {
    row.calls = reader.Varint();
    row.refused = reader.Varint();
    row.failed = reader.Varint();
  }
  const uint64_t codes = reader.Varint();
  for (uint64_t i = 0; i < codes && reader.ok(); ++i) {
    const Bytes code(reader.Blob());
    by_code_[code] = reader.Varint();
  }
  errors_ = reader.Varint();
}

}  // namespace quorate::node
