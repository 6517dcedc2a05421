// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/linearizable.h"

#include <algorithm>
#include <string>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/check/checker.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "linearizable";

check::Action ActionOf(Act act) {
  switch (act) {
    case Act::kRead:
      return check::Action::kRead;
    case Act::kWrite:
    case Act::kDelete:
    case Act::kAdd:
      break;
  }
  return check::Action::kWrite;
}

}  // namespace

check::History AsCheckHistory(const Register& entry) {
  check::History history;
  const uint32_t key = history.keys.Intern(NameOf(entry));
  uint32_t line = 0;
  for (const Access& access : entry.accesses) {
    ++line;
    if (access.fate == Fate::kRefused) continue;
    QUORATE_CHECK(access.act != Act::kAdd);
    check::Operation operation;
    operation.key = key;
    operation.line = line;
    operation.action = ActionOf(access.act);
    if (access.act != Act::kDelete && access.value.has_value()) {
      operation.value = history.values.Intern(*access.value);
    }
    operation.called = check::PlaceOfCall(access.invoked.value);
    if (access.completed != kNever) {
      operation.returned = check::PlaceOfReturn(access.completed.value);
    }
    history.operations.push_back(operation);
  }
  return history;
}

Linearizability CheckLinearizable(const Register& entry) {
  if (HoldsIncrements(entry)) return {OrderJudgement::kIncrements, std::nullopt};
  check::History history = AsCheckHistory(entry);
  const absl::StatusOr<check::Findings> findings =
      check::CheckHistory(history, check::Model::kRegister);
  QUORATE_CHECK(findings.ok());
  if (findings->verdict == check::Verdict::kUnknown) {
    return {OrderJudgement::kUnknown, std::nullopt};
  }
  const std::optional<check::Window>& window = findings->window;
  if (!window.has_value()) return {};
  const check::Operation& last = history.operations[window->within.back()];
  std::string promised = Format("%s is linearizable", NameOf(entry));
  std::string seen = check::Describe(history, *findings, check::kSearchStepsDefault);
  return {OrderJudgement::kJudged,
          Failure{FailureKind::kWrongReply, std::string(kOracle), std::move(promised),
                  std::move(seen), entry.accesses[last.line - 1].completed}};
}

}  // namespace quorate::sim
