// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/operation_times.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/status.h"
#include "engine/commands/command.h"

namespace quorate::sim {
namespace {

std::string Milliseconds(uint64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(us) / 1000.0);
  return text;
}

// The shortest time within which so many of a thousand were. Requires: `sorted` is not empty.
uint64_t Within(const std::vector<uint64_t>& sorted, uint64_t of_thousand) {
  const uint64_t rank = (sorted.size() * of_thousand + 999) / 1000;
  return sorted[std::max<uint64_t>(1, rank) - 1];
}

}  // namespace

void OperationTimes::Completed(const OperationCompleted& operation) {
  const OperationInvoked& asked = operation.invoked;
  if (asked.phase != Phase::kFaults) return;
  const commands::Command* command = commands::FindCommand(asked.command.front());
  const bool reads = command != nullptr && command->kind == commands::Class::kRead;
  OfClass& of = classes_[reads ? kReads : kWrites];
  if (operation.outcome != OperationOutcome::kReply) {
    ++of.unanswered;
  } else if (operation.reply.IsError()) {
    ++of.errors;
  } else {
    of.us.push_back(operation.time.us - asked.time.us);
  }
}

std::string OperationTimes::Describe() const {
  std::string text;
  for (const Class each : {kReads, kWrites}) {
    const OfClass& of = classes_[each];
    text += Format("waited:   %-6s %u answered, %u with an error, %u not",
                   each == kReads ? "reads" : "writes", of.us.size(), of.errors, of.unanswered);
    if (!of.us.empty()) {
      std::vector<uint64_t> sorted = of.us;
      std::sort(sorted.begin(), sorted.end());
      text += Format("; half within %s, 99 of 100 within %s, all within %s",
                     Milliseconds(Within(sorted, 500)), Milliseconds(Within(sorted, 990)),
                     Milliseconds(sorted.back()));
    }
    text += "\n";
  }
  return text;
}

}  // namespace quorate::sim
